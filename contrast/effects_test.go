package contrast

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestEffects holds what we say of ports and sockets against the iptables rules and the Envoy configuration that the
// sidecar's own code makes of the same strings: which listener a port comes to, whether that asks for a client
// certificate, what is shown and what verifies, and that no call goes out with SNI.
func TestEffects(t *testing.T) {
	data, err := os.ReadFile("testdata/effects.txt")
	if err != nil {
		t.Fatal(err)
	}
	var made []string
	for _, block := range strings.Split(strings.TrimSpace(string(data)), "\n\n") {
		lines := strings.Split(block, "\n")
		if strings.HasPrefix(lines[0], "#") {
			made = append(made, block)
			continue
		}
		g, in, ports := parseEffects(t, lines[0])
		want := lines[1:]
		if *update {
			q := questionOf(in)
			q.Ports = ports
			a := ask(t, g, []question{q})[0]
			want = append(a.Inbound, a.Outbound...)
			made = append(made, strings.Join(append([]string{lines[0]}, want...), "\n"))
		}
		if got := effects(t, g, in, ports); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\ngot  %s\nwant %s", lines[0], strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
	if *update {
		if err := os.WriteFile("testdata/effects.txt", []byte(strings.Join(made, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// effects are ours, in the words of the table.
func effects(t *testing.T, g Generation, in Strings, ports []int) []string {
	t.Helper()
	config, err := g.Parse(in)
	if FaultsOf(err).Crash() {
		t.Fatal(err)
	}
	var all []string
	for _, port := range ports {
		i := g.InboundAt(config, port)
		if i.Listener == 0 {
			all = append(all, fmt.Sprintf("%d to the application", port))
			continue
		}
		asks := map[bool]string{true: "asks for a certificate", false: "asks for none"}[i.ClientCertificate]
		all = append(all, fmt.Sprintf("%d to %d: %s, shows %s verifies by %s", port, i.Listener, asks, i.Shows, i.Verifies))
	}
	for _, o := range g.Outbound(config) {
		all = append(all, fmt.Sprintf("%s to %s: no SNI, shows %s verifies by %s", o.Listen, o.Remote, o.Shows, o.Verifies))
	}
	return all
}

// parseEffects reads GENERATION ports N,N,… FIELD "…" ….
func parseEffects(t *testing.T, line string) (Generation, Strings, []int) {
	t.Helper()
	words := strings.SplitN(line, " ", 4)
	var ports []int
	for _, text := range strings.Split(words[2], ",") {
		port, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		ports = append(ports, port)
	}
	cell := ""
	if len(words) == 4 {
		cell = words[3]
	}
	return Generation(words[0]), parseCell(t, cell), ports
}

// Where a port is in several entries, the first counts for every port that is listed and the last line is for all others.
func TestInboundLists(t *testing.T) {
	config, _ := ParseIngress("a#80#false##b#81#true##c#80#true")
	got := ""
	for _, i := range Current.Inbound(Config{Ingress: config}) {
		got += fmt.Sprintf("%d %s %s\n", i.Port, i.TLS, i.Name)
	}
	if want := "80 server a\n81 none b\n0 mutual \n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Releases since 1.13 leave every port alone where they are told to.
func TestInboundDisabled(t *testing.T) {
	config, err := Parse(Strings{Ingress: Disabled, Egress: "a#127.0.0.1:81#b:80"})
	if FaultsOf(err).Crash() || len(config.Egress) != 1 || config.Strings().Ingress != Disabled {
		t.Errorf("%+v, %v", config, err)
	}
	if in := Current.InboundAt(config, 80); in != (Inbound{Port: 80, TLS: NoTLS}) || len(Current.Inbound(config)) != 1 {
		t.Errorf("port 80: %+v", in)
	}
	if config, err := Legacy.Parse(Strings{Ingress: Disabled}); !FaultsOf(err).Crash() || config.IngressDisabled {
		t.Error("the first releases do not know it")
	}
}

func TestOutboundAt(t *testing.T) {
	config, _ := Parse(Strings{Egress: "a#127.0.0.1:81#b:80##c#127.0.0.2:081#d:80"})
	for socket, want := range map[string]string{"127.0.0.1:81": "b:80", "127.0.0.2:81": "d:80", "127.0.0.1:82": "", "b:80": ""} {
		if out, ok := Current.OutboundAt(config, socket); out.Remote != want || ok != (want != "") {
			t.Errorf("%s leads to %q, want %q", socket, out.Remote, want)
		}
	}
}
