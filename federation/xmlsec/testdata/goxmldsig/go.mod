module exfed/federation/xmlsec/testdata/goxmldsig

go 1.26.0

require (
	exfed v0.0.0
	github.com/beevik/etree v1.7.0
	github.com/russellhaering/goxmldsig v1.6.1
)

require (
	github.com/jonboulle/clockwork v0.5.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	software.sslmate.com/src/go-pkcs12 v0.7.4 // indirect
)

replace exfed => ../../../..
