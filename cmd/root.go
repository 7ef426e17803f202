package cmd

import (
	"errors"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"exfed/cmd/psargs"
)

// cmdlets is the table of contents, in the order help lists it.
func cmdlets() []cmdlet {
	return []cmdlet{
		invokeFederationLab().cmdlet(),

		newExchangeCertificate().cmdlet(),
		getExchangeCertificate().cmdlet(),
		enableExchangeCertificate().cmdlet(),
		importExchangeCertificate().cmdlet(),
		exportExchangeCertificate().cmdlet(),
		protectExchangeCertificate().cmdlet(),
		removeExchangeCertificate().cmdlet(),

		newFederationTrust().cmdlet(),
		getFederationTrust().cmdlet(),
		setFederationTrust().cmdlet(),
		removeFederationTrust().cmdlet(),
		testFederationTrust().cmdlet(),
		testFederationTrustCertificate().cmdlet(),
		enableFederationTrust().cmdlet(),
		updateFederationCertificate().cmdlet(),
		repairFederationTrust().cmdlet(),

		getFederatedDomainProof().cmdlet(),
		getFederatedDNSRecord().cmdlet(),
		testFederatedDNSRecord().cmdlet(),

		setFederatedOrganizationIdentifier().cmdlet(),
		getFederatedOrganizationIdentifier().cmdlet(),

		addFederatedDomain().cmdlet(),
		removeFederatedDomain().cmdlet(),

		newAcceptedDomain().cmdlet(),
		getAcceptedDomain().cmdlet(),
		setAcceptedDomain().cmdlet(),
		removeAcceptedDomain().cmdlet(),

		getFederationInformation().cmdlet(),

		newOrganizationRelationship().cmdlet(),
		getOrganizationRelationship().cmdlet(),
		setOrganizationRelationship().cmdlet(),
		removeOrganizationRelationship().cmdlet(),
		testOrganizationRelationship().cmdlet(),

		newSharingPolicy().cmdlet(),
		getSharingPolicy().cmdlet(),
		setSharingPolicy().cmdlet(),
		removeSharingPolicy().cmdlet(),
		testSharingPolicy().cmdlet(),

		newMailbox().cmdlet(),
		getMailbox().cmdlet(),
		setMailbox().cmdlet(),
		removeMailbox().cmdlet(),

		setCalendarSource().cmdlet(),
		getCalendarSource().cmdlet(),
		removeCalendarSource().cmdlet(),

		getMailboxCalendarFolder().cmdlet(),
		setMailboxCalendarFolder().cmdlet(),

		getDelegationToken().cmdlet(),
		testDelegationToken().cmdlet(),

		startFederationEndpoint().cmdlet(),
		getUserAvailability().cmdlet(),

		startFederationBroker().cmdlet(),
		updateFederationBrokerKey().cmdlet(),
		getFederationBrokerOrganization().cmdlet(),
		setFederationBrokerOrganization().cmdlet(),
	}
}

// root builds cobra's tree: the chosen cmdlet, and the completion scripts. The other
// cmdlets would only cost time at every start; psargs knows their names.
func (s *session) root() *cobra.Command {
	root := &cobra.Command{Use: "exfed", SilenceErrors: true, SilenceUsage: true}
	root.SetIn(s.process.Streams.In)
	root.SetOut(s.process.Streams.Out)
	root.SetErr(s.process.Streams.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return s.flagError(err) })
	if s.chosen.name == "" {
		root.AddCommand(&cobra.Command{Use: "help", Hidden: true}) // the scripts are of a root with a command
		return root
	}
	command := &cobra.Command{
		Use: s.chosen.word(), Short: s.chosen.short, Args: noWords,
		RunE: func(command *cobra.Command, _ []string) error { return s.runChosen(command) },
	}
	s.bind(command.Flags(), s.first, &s.common)
	root.AddCommand(command)
	return root
}

// noWords is here because cobra's own NoArgs calls a stray word an unknown command.
func noWords(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &psargs.UsageError{ID: psargs.TooManyPositionals, Msg: "nothing takes the word " + args[0]}
}

// flagError names the parameter as PowerShell spells it, not as the flag parser does.
func (s *session) flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return &psargs.UsageError{ID: psargs.UnknownParameter, Msg: err.Error()}
	}
	usage := &psargs.UsageError{}
	if errors.As(err, &usage) {
		copied := *usage
		usage = &copied
	} else {
		usage.ID, usage.Msg = "InvalidValue", invalid.Unwrap().Error()
	}
	for _, p := range slices.Concat(s.first.parameters, s.first.shared) {
		if p.flag() == invalid.GetFlag().Name {
			usage.Param, usage.Msg = p.name, "-"+p.name+": "+usage.Msg
		}
	}
	return usage
}

// version is the module's version, or the revision it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
