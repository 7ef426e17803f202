package cmd

// variable is an environment variable exfed reads.
type variable struct {
	name    string
	meaning string
}

// variables lists every environment variable exfed reads, for the overview and for
// docs/environment.md. A parameter wins over the variable that stands in for it.
func variables() []variable {
	return []variable{
		{"EXFED_CONFIG", "the state file, as -Config"},
		{"EXFED_OUTPUT", "the output format, as -Output"},
		{"EXFED_METADATA_URL", "the broker's metadata, as -MetadataUrl of new-federationtrust"},
		{"EXFED_DNS_SERVER", "name servers to ask for everything, as -DnsServer: HOST:PORT[,...]"},
		{"EXFED_CONNECT_TO", "where connections really go: HOST:PORT:ADDR:PORT[,...]; names and certificates stay those of the URL"},
		{"EXFED_CA_FILE", "PEM file of certificate authorities trusted in addition to the system's"},
		{passphraseFileVariable, "file with the passphrase of encrypted private keys, on one line, that only its owner can read"},
		{passphraseVariable, "the passphrase itself, where there is no such file; without either it is asked for on a terminal"},
		{"XDG_CONFIG_HOME", "the configuration folder, which holds exfed/exfed.yaml when no state file is given"},
		{"LC_ALL", "the locale, then LC_CTYPE, then LANG: with UTF-8 in it a terminal is shown the days of get-useravailability in more than ASCII"},
		{"NO_COLOR", "no colour on standard error, whatever its value; CLICOLOR_FORCE asks for colour also in a pipe"},
	}
}
