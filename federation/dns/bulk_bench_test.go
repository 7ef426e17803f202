package dns_test

import (
	"cmp"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mdns "github.com/miekg/dns"

	"exfed/federation/dns"
)

// bulkDomains are the domains of which BenchmarkBulk asks for a TXT and a CNAME record each. Of
// one in ten the TXT set needs TCP.
const (
	bulkDomains = 2000
	bulkZone    = "bulk.test"
	bulkWorkers = 128
)

// BenchmarkBulk asks a server on this machine thousands of questions, in turns with dig -f and
// with dnsperf, which get the same ones. It reports the medians of the ratios, round by round:
// how many times as fast as dig; the rate in hundredths of dnsperf's, of the questions that need
// no TCP, and of all of them, where dnsperf asks the others a second time over TCP as a client
// must. "distant" answers 10 ms late, and is asked about a tenth of the domains.
//
//	go test ./federation/dns -run '^$' -bench Bulk -benchtime 15x
func BenchmarkBulk(b *testing.B) {
	b.Run("BIND", func(b *testing.B) { compareBulk(b, startBulkBIND(b), newBulk(b, bulkDomains)) })
	b.Run("own", func(b *testing.B) { compareBulk(b, startBulkOwn(b), newBulk(b, bulkDomains)) })
	b.Run("distant", func(b *testing.B) { compareBulk(b, startDistant(b), newBulk(b, bulkDomains/10)) })
}

func compareBulk(b *testing.B, server string, list bulk) {
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		b.Fatal(err)
	}
	var toDig, toPlain, toAll []float64
	for b.Loop() {
		all, plain := askBulk(b, server, list.questions), askBulk(b, server, slices.DeleteFunc(slices.Clone(list.questions), isLarge))
		dig := timed(b, exec.Command(peer(b, "dig"), "@"+host, "-p", port, "+short", "+nocookie", "-f", list.file))
		perf := func(network, file string) time.Duration {
			return dnsperfTime(b, exec.Command(peer(b, "dnsperf"), "-s", host, "-p", port, "-n", "1", "-c", "4", "-m", network, "-d", file))
		}
		toDig = append(toDig, float64(dig)/float64(all))
		toPlain = append(toPlain, 100*float64(perf("udp", list.plainFile))/float64(plain))
		toAll = append(toAll, 100*float64(perf("udp", list.file)+perf("tcp", list.largeFile))/float64(all))
	}
	b.ReportMetric(medianOf(toDig), "x-dig")
	b.ReportMetric(medianOf(toPlain), "%-dnsperf")
	b.ReportMetric(medianOf(toAll), "%-dnsperf+tcp")
	b.ReportMetric(0, "ns/op")
}

// bulk is the list of questions, for us and in the files the other programs read.
type bulk struct {
	questions                  []dns.Question
	file, plainFile, largeFile string
}

func isLarge(q dns.Question) bool {
	return q.Type == mdns.TypeTXT && strings.HasSuffix(strings.TrimSuffix(q.Name, "."+bulkZone), "0")
}

func newBulk(b *testing.B, domains int) bulk {
	var list bulk
	var all, plain, large strings.Builder
	for i := range domains {
		domain := fmt.Sprintf("d%04d.%s", i, bulkZone)
		for _, q := range []dns.Question{{Name: domain, Type: mdns.TypeTXT}, {Name: "autodiscover." + domain, Type: mdns.TypeCNAME}} {
			list.questions = append(list.questions, q)
			line := fmt.Sprintf("%s %s\n", q.Name, mdns.TypeToString[q.Type])
			all.WriteString(line)
			if isLarge(q) {
				large.WriteString(line)
			} else {
				plain.WriteString(line)
			}
		}
	}
	dir := b.TempDir()
	list.file, list.plainFile, list.largeFile = filepath.Join(dir, "all"), filepath.Join(dir, "plain"), filepath.Join(dir, "large")
	writeFile(b, list.file, all.String())
	writeFile(b, list.plainFile, plain.String())
	writeFile(b, list.largeFile, large.String())
	return list
}

// askBulk asks as a cmdlet does: so many workers, one client. Every answer must hold what it
// should.
func askBulk(b *testing.B, server string, questions []dns.Question) time.Duration {
	begin := time.Now()
	var c dns.Client
	defer c.Close()
	askMany(b, &c, server, questions, bulkWorkers)
	return time.Since(begin)
}

// askMany puts questions of BenchmarkBulk to a server, so many at a time.
func askMany(t testing.TB, c *dns.Client, server string, questions []dns.Question, workers int) {
	var next, wrong atomic.Int64
	done := make(chan struct{})
	for range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := next.Add(1) - 1; i < int64(len(questions)); i = next.Add(1) - 1 {
				want := 1
				if isLarge(questions[i]) {
					want = 17
				}
				answer, err := c.Ask(t.Context(), server, questions[i])
				if err != nil || len(answer.Answer) != want {
					wrong.Add(1)
				}
			}
		}()
	}
	for range workers {
		<-done
	}
	if wrong.Load() > 0 {
		t.Errorf("%d of %d answers are wrong or missing", wrong.Load(), len(questions))
	}
}

func timed(b *testing.B, command *exec.Cmd) time.Duration {
	begin := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%.500s", command, err, out)
	}
	return time.Since(begin)
}

// dnsperfTime returns how long dnsperf says that it took, without its start.
func dnsperfTime(b *testing.B, command *exec.Cmd) time.Duration {
	out, err := command.CombinedOutput()
	found := regexp.MustCompile(`Run time \(s\): +([0-9.]+)`).FindSubmatch(out)
	if err != nil || found == nil || !regexp.MustCompile(`Queries lost: +0 `).Match(out) {
		b.Fatalf("%v: %v\n%s", command, err, out)
	}
	seconds, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(seconds * float64(time.Second))
}

func medianOf[T cmp.Ordered](values []T) T {
	slices.Sort(values)
	return values[len(values)/2]
}

// bulkTexts are the TXT records of a domain.
func bulkTexts(large bool) []string {
	texts := []string{proof}
	for i := 0; large && i < 16; i++ {
		texts = append(texts, fmt.Sprintf("%03d%s", i, strings.Repeat("x", 90)))
	}
	return texts
}

func startBulkBIND(b *testing.B) string {
	named, dir, port := peer(b, "named"), b.TempDir(), freePort(b)
	var zone strings.Builder
	fmt.Fprintf(&zone, "$ORIGIN %s.\n$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n", bulkZone)
	for i := range bulkDomains {
		fmt.Fprintf(&zone, "autodiscover.d%04d IN CNAME mail.contoso.com.\n", i)
		for _, text := range bulkTexts(i%10 == 0) {
			fmt.Fprintf(&zone, "d%04d IN TXT %q\n", i, text)
		}
	}
	writeFile(b, filepath.Join(dir, "bulk.zone"), zone.String())
	writeFile(b, filepath.Join(dir, "named.conf"), fmt.Sprintf(`options { directory "%[1]s"; listen-on port %[2]s { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; pid-file none; session-keyfile "%[1]s/session.key"; dnssec-validation no; };
controls {};
zone %[3]q { type primary; file "bulk.zone"; };
`, dir, port, bulkZone))
	startDaemon(b, "all zones loaded", exec.Command(named, "-g", "-c", filepath.Join(dir, "named.conf")))
	return "127.0.0.1:" + port
}

func startBulkOwn(t testing.TB) string {
	server, err := dns.StartServer("127.0.0.1:0", bulkZone)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	for i := range bulkDomains {
		domain := fmt.Sprintf("d%04d.%s", i, bulkZone)
		if err := server.Set(domain, "TXT", bulkTexts(i%10 == 0)...); err != nil {
			t.Fatal(err)
		}
		if err := server.Set("autodiscover."+domain, "CNAME", "mail.contoso.com."); err != nil {
			t.Fatal(err)
		}
	}
	return server.Addr()
}

// startDistant answers what the own server answers, 10 ms later.
func startDistant(b *testing.B) string {
	upstream := startBulkOwn(b)
	var behind dns.Client
	b.Cleanup(func() { _ = behind.Close() })
	handler := mdns.HandlerFunc(func(w mdns.ResponseWriter, query *mdns.Msg) {
		time.Sleep(10 * time.Millisecond)
		q := dns.Question{Name: query.Question[0].Name, Type: query.Question[0].Qtype, Transport: dns.EDNS}
		if w.RemoteAddr().Network() == "tcp" {
			q.Transport = dns.TCP
		}
		answer, err := behind.Ask(b.Context(), upstream, q)
		if err != nil {
			b.Error(err)
			return
		}
		answer.Id, answer.Compress = query.Id, true
		_ = w.WriteMsg(answer)
	})
	address := "127.0.0.1:" + freePort(b)
	for _, network := range []string{"udp", "tcp"} {
		started := make(chan struct{})
		server := &mdns.Server{Addr: address, Net: network, Handler: handler, NotifyStartedFunc: func() { close(started) }}
		go func() { _ = server.ListenAndServe() }()
		<-started
		b.Cleanup(func() { _ = server.Shutdown() })
	}
	return address
}
