package autodiscover

import "exfed/federation/xmlsec"

// RelationshipSettingsRequest asks for the organization relationships that the answering
// organization has with the asking one ([MS-OXWSADISC] section 3.1.4.3).
type RelationshipSettingsRequest struct{ Domains []string }

// Marshal returns the child of the SOAP body.
func (q RelationshipSettingsRequest) Marshal() []byte {
	var w writer
	w.message(GetOrganizationRelationshipSettings.request(), "Request", "")
	w.texts("Domains", "Domain", q.Domains)
	w.close("Request")
	w.close(GetOrganizationRelationshipSettings.request())
	return w.Bytes()
}

// ParseRelationshipSettingsRequest reads the child of the SOAP body, also one whose name
// lacks an s as in the published pages.
func ParseRelationshipSettingsRequest(payload *xmlsec.Element) (RelationshipSettingsRequest, error) {
	var r reader
	o := GetOrganizationRelationshipSettings
	request := r.inner(payload, "Request", o.request(), "GetOrganizationRelationshipSettingRequestMessage")
	r.only(request, "Domains")
	q := RelationshipSettingsRequest{Domains: r.texts(r.member(request, "Domains"), "Domain", MaxDomains, maxName)}
	if err := r.refused(o, "the request"); err != nil {
		return RelationshipSettingsRequest{}, err
	}
	return q, nil
}

// RelationshipSettingsResponse lists organization relationships.
type RelationshipSettingsResponse struct {
	ErrorCode     ErrorCode
	ErrorMessage  string
	Relationships []RelationshipSettings
}

// RelationshipSettings is an organization relationship as the answering organization has it
// with the asking one. The fields are in the order of the wire.
type RelationshipSettings struct {
	DeliveryReportEnabled bool
	DomainNames           []string // of the asking organization
	FreeBusyAccessEnabled bool
	FreeBusyAccessLevel   string // None, AvailabilityOnly or LimitedDetails
	MailTipsAccessEnabled bool
	MailTipsAccessLevel   string // None, Limited or All
	MailboxMoveEnabled    bool
	Name                  string
	TargetApplicationURI  string
	TargetAutodiscoverEPR string
	TargetSharingEPR      string
}

// Marshal returns the child of the SOAP body. All members are there, nil where empty: the
// schema makes none of them optional.
func (a RelationshipSettingsResponse) Marshal() []byte {
	var w writer
	w.response(GetOrganizationRelationshipSettings, a.ErrorCode, a.ErrorMessage)
	const collection = "OrganizationRelationshipSettingsCollection"
	if len(a.Relationships) == 0 {
		w.leaf(collection, "")
	} else {
		w.open(collection)
		for _, relationship := range a.Relationships {
			w.relationship(relationship)
		}
		w.close(collection)
	}
	w.close("Response")
	w.close(GetOrganizationRelationshipSettings.response())
	return w.Bytes()
}

func (w *writer) relationship(s RelationshipSettings) {
	w.open("OrganizationRelationshipSettings")
	w.flag("DeliveryReportEnabled", s.DeliveryReportEnabled)
	w.textsOrNil("DomainNames", "Domain", s.DomainNames)
	w.flag("FreeBusyAccessEnabled", s.FreeBusyAccessEnabled)
	w.nillable("FreeBusyAccessLevel", s.FreeBusyAccessLevel)
	w.flag("MailTipsAccessEnabled", s.MailTipsAccessEnabled)
	w.nillable("MailTipsAccessLevel", s.MailTipsAccessLevel)
	w.flag("MailboxMoveEnabled", s.MailboxMoveEnabled)
	w.nillable("Name", s.Name)
	w.nillable("TargetApplicationUri", s.TargetApplicationURI)
	w.nillable("TargetAutodiscoverEpr", s.TargetAutodiscoverEPR)
	w.nillable("TargetSharingEpr", s.TargetSharingEPR)
	w.close("OrganizationRelationshipSettings")
}

// ParseRelationshipSettingsResponse reads the child of the SOAP body, members in any order.
// Two misprints of the published pages are read as well: TargetAudodiscoverEpr, and Domains
// within DomainNames. What it does not know is ignored.
func ParseRelationshipSettingsResponse(payload *xmlsec.Element) (RelationshipSettingsResponse, error) {
	var r reader
	response := r.inner(payload, "Response", GetOrganizationRelationshipSettings.response())
	a := RelationshipSettingsResponse{ErrorCode: r.code(response), ErrorMessage: r.text(response, "ErrorMessage", maxText)}
	collection := r.member(response, "OrganizationRelationshipSettingsCollection")
	for _, e := range r.items(collection, "OrganizationRelationshipSettings", MaxRelationships) {
		a.Relationships = append(a.Relationships, r.relationship(e))
	}
	if err := r.refused(GetOrganizationRelationshipSettings, "the answer"); err != nil {
		return RelationshipSettingsResponse{}, err
	}
	return a, nil
}

func (r *reader) relationship(e *xmlsec.Element) RelationshipSettings {
	s := RelationshipSettings{
		DeliveryReportEnabled: r.flag(e, "DeliveryReportEnabled"),
		DomainNames:           r.domainNames(e),
		FreeBusyAccessEnabled: r.flag(e, "FreeBusyAccessEnabled"),
		FreeBusyAccessLevel:   r.text(e, "FreeBusyAccessLevel", maxName),
		MailTipsAccessEnabled: r.flag(e, "MailTipsAccessEnabled"),
		MailTipsAccessLevel:   r.text(e, "MailTipsAccessLevel", maxName),
		MailboxMoveEnabled:    r.flag(e, "MailboxMoveEnabled"),
		Name:                  r.text(e, "Name", maxName),
		TargetApplicationURI:  r.text(e, "TargetApplicationUri", maxURI),
		TargetAutodiscoverEPR: r.text(e, "TargetAutodiscoverEpr", maxURI),
		TargetSharingEPR:      r.text(e, "TargetSharingEpr", maxURI),
	}
	misprinted := r.text(e, "TargetAudodiscoverEpr", maxURI)
	if misprinted != "" && s.TargetAutodiscoverEPR != "" {
		r.fail("TargetAutodiscoverEpr is there in two spellings")
	}
	s.TargetAutodiscoverEPR += misprinted
	return s
}

func (r *reader) domainNames(e *xmlsec.Element) []string {
	list := r.member(e, "DomainNames")
	if nested := r.member(list, "Domains"); nested != nil {
		r.only(list, "Domains")
		list = nested
	}
	return r.texts(list, "Domain", MaxDomains, maxName)
}
