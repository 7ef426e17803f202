package cmd

import "exfed/policy"

// sharingHints says what to do next about an error of relationships, mailboxes and their
// calendars; none for other errors.
func sharingHints(id string) []string {
	one := func(text string) []string { return []string{text} }
	switch id {
	case "OrganizationRelationshipNotFound":
		return one("exfed get-organizationrelationship -Output name lists the relationships there are")
	case "NoOrganizationRelationships":
		return one("make one: exfed get-federationinformation -DomainName DOMAIN -Output jsonl | exfed new-organizationrelationship -Name NAME -FreeBusyAccessEnabled true -FreeBusyAccessLevel AvailabilityOnly")
	case "NoOrganizationRelationship":
		return []string{
			"make one with the partner: exfed get-federationinformation -DomainName DOMAIN -Output jsonl | exfed new-organizationrelationship -Name NAME -FreeBusyAccessEnabled true -FreeBusyAccessLevel AvailabilityOnly",
			`or add the domain to the one that is there: exfed set-organizationrelationship NAME -DomainNames '@{Add="DOMAIN"}'`,
		}
	case "OrganizationRelationshipDisabled":
		return one("switch it on: exfed set-organizationrelationship NAME -Enabled true")
	case "OwnOrganization":
		return one("give addresses of a partner; exfed get-organizationrelationship lists the domains there are relationships with")
	case "OrganizationRelationshipExists":
		return one("choose another -Name, or change the relationship with set-organizationrelationship")
	case "DomainInAnotherRelationship":
		return one(`take it out there first: exfed set-organizationrelationship OTHER -DomainNames '@{Remove="DOMAIN"}'`)
	case "TooManyDomains":
		return one("spread them over that many relationships with the same targets; the limit is Exchange's")
	case "NoDomainNames":
		return one("to stop sharing: exfed set-organizationrelationship NAME -Enabled false, or remove-organizationrelationship")
	case "DomainsLeaving":
		return one("somebody changed the list meanwhile; run the command again and look at what it would remove")
	case "EwsUrlForAutodiscover":
		return one("give it as -TargetSharingEpr; -TargetAutodiscoverEpr is https://HOST/autodiscover/autodiscover.svc/WSSecurity")
	case "AutodiscoverUrlForSharing":
		return one("give it as -TargetAutodiscoverEpr; -TargetSharingEpr is https://HOST/EWS/Exchange.asmx/WSSecurity")
	case "UrlWithUser":
		return one("leave the user and the password out of the URL; of a calendar source give -UserName and -PasswordFile")
	case "PartnerNotLocated":
		return one("exfed set-organizationrelationship NAME -TargetAutodiscoverEpr https://HOST/autodiscover/autodiscover.svc/WSSecurity, or -TargetSharingEpr https://HOST/EWS/Exchange.asmx/WSSecurity")
	case "PartnerAnswerNotTrusted":
		return one("something else may answer there: compare the URL with the partner, and the certificate's authority with EXFED_CA_FILE; -Verbose shows what is asked where")
	case "PartnerUnreachable":
		return one("look at the way there (a firewall, a proxy, the name servers) and run the same command again")
	case "PartnerFault", "PartnerRefusedToken":
		return one("ask the partner what his log says about it; exfed test-delegationtoken there tells what is wrong with a token")
	case "SharingPolicyNotFound":
		return one("exfed get-sharingpolicy -Output name lists the policies there are")
	case "SharingPolicyExists":
		return one("choose another -Name, or change the policy with set-sharingpolicy")
	case "SharingPolicyIsDefault":
		return one("make another one the default: exfed set-sharingpolicy OTHER -Default; to stop sharing: exfed set-sharingpolicy NAME -Enabled false")
	case "SharingPolicyInUse":
		return one("give them another one first: exfed set-mailbox MAILBOX -SharingPolicy OTHER")
	case "SharingRuleExists":
		return one(`to change a rule, remove and add it in one go: exfed set-sharingpolicy NAME -Domains '@{Remove="DOMAIN";Add="DOMAIN: ACTION"}'`)
	case "MailboxNotFound":
		return one("exfed get-mailbox -Output name lists the mailboxes there are")
	case "MailboxExists":
		return one("choose another -Name, or change the mailbox with set-mailbox")
	case "AddressInUse":
		return one(`an address is one mailbox's; take it from the other first: exfed set-mailbox OTHER -EmailAddresses '@{Remove="ADDRESS"}'`)
	case "AddressNotAccepted":
		return one("accept the domain first: exfed new-accepteddomain -Name NAME -DomainName DOMAIN")
	case "AcceptedDomainInUse":
		return one("exfed set-mailbox MAILBOX -EmailAddresses, or remove-mailbox, frees it")
	case "PrimaryAddressStays":
		return one("make another one primary first: exfed set-mailbox MAILBOX -PrimarySmtpAddress ADDRESS")
	case "CalendarSourceNotFound":
		return one("set one: exfed set-calendarsource MAILBOX -IcsPath FILE, -IcsUrl URL or -CalDavUrl URL")
	case "CalendarFileNotFound", "PasswordFileNotFound":
		return one("a relative path begins at the folder of the state file, which -Config names")
	case "InvalidPipelineInput":
		return one("write -Output jsonl in the command before the pipe")
	case "StateFileNotFound":
		return one("name the file with -Config PATH; new-federationtrust or new-accepteddomain makes one")
	case "InvalidExternalUrl":
		return one("give scheme and host alone, and the port unless it is 443: https://mail.example.org")
	case "PasswordVariableEmpty":
		return one("set the variable in the environment of start-federationendpoint, or name a file with set-calendarsource MAILBOX -PasswordFile FILE")
	case "PasswordFileDamaged":
		return one("write the password, and nothing else, on the only line of the file")
	}
	return nil
}

// sharingRuleHints says how a rule of a sharing policy is written.
func sharingRuleHints(fault *policy.SharingRuleError) []string {
	if fault.ID == "DuplicateDomain" {
		return []string{"a domain has one rule; its actions stand behind one another: \"contoso.com: CalendarSharingFreeBusyDetail, ContactsSharing\""}
	}
	return []string{"write each rule as \"DOMAIN: ACTION[, ACTION]\", in quotes: \"contoso.com: CalendarSharingFreeBusyDetail, ContactsSharing\""}
}
