package yamldoc_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"exfed/federation"
	"exfed/federation/state"
)

// objectsInFile is how many objects the file of the benchmarks has.
const objectsInFile = 1000

const thumbprint = "AC00F35CBA8359953F4126E0984B5CCAFA2F4F17"

// wholeFile is the state file as the YAML module alone reads and writes it.
type wholeFile struct {
	Version      int                          `yaml:"version"`
	Certificates []federation.Certificate     `yaml:"certificates"`
	Trusts       []federation.FederationTrust `yaml:"federationTrusts"`
}

func benchTrust(n int) federation.FederationTrust {
	when := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	name := fmt.Sprintf("partner-%04d.example", n)
	return federation.FederationTrust{
		Name: "Trust with " + name, SecurityProfile: federation.Modern, MetadataURL: "https://broker." + name + "/FederationMetadata/2006-12/FederationMetadata.xml",
		ApplicationIdentifier: fmt.Sprintf("%016X", 7919*n), AdministratorProvisioningID: fmt.Sprintf("%032x", n), ProvisionedElsewhere: true,
		ApplicationURI: "FYDIBOHF25SPDLT." + name, Current: thumbprint, Next: thumbprint, Previous: thumbprint, Pending: "CreateAppId",
		Issuer: federation.TokenIssuer{URI: "urn:federation:" + name, EPR: "https://token." + name + "/extSTS.srf", WebRequestorRedirect: "https://token." + name + "/login.srf",
			ManagementEPR: "https://manage." + name + "/ManageDelegation2.svc", MetadataRefreshed: when},
		Meta: federation.Meta{GUID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), WhenCreated: when, WhenChanged: when},
	}
}

// benchFile writes a state file of the given size, and the same as the module knows it.
func benchFile(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "state.yaml")
	der := base64.StdEncoding.EncodeToString([]byte("\x30" + strings.Repeat("certificate", 80)))
	err := state.Open(path, state.Options{}).Update(context.Background(), func(tx federation.Tx) error {
		for n := range objectsInFile {
			if err := tx.Trusts.Put(benchTrust(n)); err != nil {
				return err
			}
		}
		return tx.Certificates.Put(federation.Certificate{Thumbprint: thumbprint, Raw: der})
	})
	if err != nil {
		b.Fatal(err)
	}
	return path
}

func loadWhole(b *testing.B, path string) wholeFile {
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	var whole wholeFile
	if err := yaml.Unmarshal(data, &whole); err != nil || len(whole.Trusts) != objectsInFile {
		b.Fatal(len(whole.Trusts), err)
	}
	return whole
}

// compare runs ours and theirs by turns and reports how long ours took in proportion.
// The median is what a busy machine disturbs least.
func compare(b *testing.B, ours, theirs func()) {
	var us, them []time.Duration
	for b.Loop() {
		start := time.Now()
		theirs()
		middle := time.Now()
		ours()
		us, them = append(us, time.Since(middle)), append(them, middle.Sub(start))
	}
	slices.Sort(us)
	slices.Sort(them)
	b.ReportMetric(us[len(us)/2].Seconds()/them[len(them)/2].Seconds(), "x-yaml.v3")
}

func BenchmarkGetOneOfThousand(b *testing.B) {
	path := benchFile(b)
	key := benchTrust(objectsInFile / 2).Name
	compare(b, func() {
		err := state.Open(path, state.Options{}).View(context.Background(), func(tx federation.Tx) error {
			if _, ok, err := tx.Trusts.Get(key); !ok || err != nil {
				b.Fatal(ok, err)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}, func() { loadWhole(b, path) })
}

func BenchmarkPutOneOfThousand(b *testing.B) {
	path := benchFile(b)
	other := filepath.Join(b.TempDir(), "other.yaml")
	trust := benchTrust(objectsInFile / 2)
	compare(b, func() {
		trust.WhenChanged = trust.WhenChanged.Add(time.Second)
		err := state.Open(path, state.Options{}).Update(context.Background(), func(tx federation.Tx) error { return tx.Trusts.Put(trust) })
		if err != nil {
			b.Fatal(err)
		}
	}, func() {
		whole := loadWhole(b, path)
		whole.Trusts[objectsInFile/2] = trust
		data, err := yaml.Marshal(whole)
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(other, data, 0o600); err != nil {
			b.Fatal(err)
		}
	})
}
