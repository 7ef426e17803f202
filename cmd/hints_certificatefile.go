package cmd

// certificateFileHints says what to do about an error of importing, exporting and enabling
// certificates, nil for another error.
func certificateFileHints(id string) []string {
	switch id {
	case "FederationServiceManaged":
		return []string{
			"for a new trust: exfed new-federationtrust -Name NAME -Thumbprint THUMBPRINT",
			"for the trust that is there: exfed set-federationtrust NAME -Thumbprint THUMBPRINT stages it as the next one",
		}
	case "WildcardCertificate":
		return []string{"use one that names the hosts, or leave POP and IMAP out of -Services"}
	case "NoServiceToAdd":
		return []string{"-Services takes IIS, IMAP, POP, SMTP, UM and UMCallRouter; services are never taken away"}
	case "PasswordNeeded", "PasswordNotFound", "PasswordVariableNotSet", "PasswordNotOneLine":
		return []string{"a password is given as " + secretForms}
	case "BundleUnreadable", "BundleUnsupported", "NoCertificate":
		return []string{"a certificate file is PKCS #12 (.pfx, .p12), PKCS #7 (.p7b), PEM or one certificate in DER (.cer, .crt)"}
	case "BundleDamaged", "BundleTooLarge":
		return []string{"have the file sent again, or export it anew where it came from"}
	case "WrongPassword":
		return []string{"it is the password that was set when the file was exported; it may end in another line end or be in another encoding there"}
	case "WrongPassphrase", "PassphraseNeeded", "PassphraseNotFound", "KeyEncrypted":
		return []string{"the passphrase is in the file that " + passphraseFileVariable + " names, or in " + passphraseVariable + ", or is typed on a terminal"}
	case "EmptyPassword":
		return []string{"choose one, and give it as " + secretForms}
	case "PrivateKeyNotExportable":
		return []string{
			"a key is exportable if new-exchangecertificate or import-exchangecertificate was given -PrivateKeyExportable true, which cannot be changed later",
			"another certificate: exfed new-exchangecertificate -Instance THUMBPRINT -PrivateKeyExportable true",
		}
	case "NoPrivateKey":
		return []string{
			"import the file that holds both, which where the key was made is exported with the key (.pfx or .p12)",
			"a certificate of an authority completes the request it was made of: exfed get-exchangecertificate lists those that wait, with the status PendingRequest",
		}
	case "CertificateExists":
		return []string{"exfed get-exchangecertificate -Thumbprint THUMBPRINT -Output list shows it; to import it anew from a file that holds its key, remove it first, which deletes the key that is here"}
	case "PasswordsDiffer":
		return []string{"run the command again"}
	case "CertificateRequestPending":
		return []string{"import the certificate that the authority made of it: exfed import-exchangecertificate -FileName CERTIFICATE.cer"}
	}
	return nil
}
