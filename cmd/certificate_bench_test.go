package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// BenchmarkNewCertificate compares New-ExchangeCertificate, as whole processes run in turn,
// with openssl, which makes a key and a self-signed certificate of the same length as well, and
// keeps neither a state file nor a lock. It reports the median of the ratios, pair by pair: how
// many times as fast exfed is.
//
//	go test ./cmd -run '^$' -bench NewCertificate -benchtime 40x
func BenchmarkNewCertificate(b *testing.B) {
	openssl, err := exec.LookPath("openssl")
	if err != nil && os.Getenv("EXFED_REQUIRE_PEERS") == "1" {
		b.Fatal("openssl is missing and EXFED_REQUIRE_PEERS=1")
	}
	if err != nil {
		b.Skip("openssl is missing")
	}
	dir := b.TempDir()
	exfed := build(b, dir, "exfed", "exfed")
	var times []float64
	for round := 0; b.Loop(); round++ {
		config := filepath.Join(dir, strconv.Itoa(round), "exfed.yaml")
		own := run(b, exfed, []string{"new-exchangecertificate", "-DomainName", "contoso.com", "-Services", "Federation", "-Config", config})
		other := run(b, openssl, []string{"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=contoso.com", "-days", "1826",
			"-keyout", filepath.Join(dir, "key.pem"), "-out", filepath.Join(dir, "cert.pem")})
		times = append(times, float64(other)/float64(own))
	}
	b.ReportMetric(median(times), "x-faster")
	b.ReportMetric(0, "ns/op")
}
