package certs

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/meshscenario/scenario/pki/pkitest"
)

// openedAfter is the same store, opened when time has passed.
func openedAfter(t testing.TB, s *Store, by time.Duration) *Store {
	t.Helper()
	then, err := Open(s.Dir(), at(start.Add(by)))
	if err != nil {
		t.Fatal(err)
	}
	return then
}

func TestStatus(t *testing.T) {
	s := newStore(t, Init{Validity: 200 * day})
	issue(t, s, withSecret(server, "shop/ext", "mesh/ext=split"), Request{Name: "brief", Purpose: Client, DNS: []string{"a.example"}, Validity: 36 * time.Hour})
	for _, c := range []struct {
		after             time.Duration
		within            time.Duration
		ca, brief, server State
	}{
		{0, 0, OK, OK, OK},
		{23 * time.Hour, 0, OK, OK, OK},
		{24 * time.Hour, 0, OK, Renewal, OK},
		{36 * time.Hour, 0, OK, Expired, OK},
		{0, 30 * day, OK, Renewal, OK},
		{0, 91 * day, OK, Renewal, Renewal},
		{0, 201 * day, Renewal, Renewal, Renewal},
		{59 * day, 0, OK, Expired, OK},
		{61 * day, 0, OK, Expired, Renewal},
		{109 * day, 0, OK, Expired, Expired},
		{111 * day, 0, Renewal, Expired, Expired},
		{200 * day, 0, Expired, Expired, Expired},
	} {
		got := openedAfter(t, s, c.after).Status(c.within)
		if got.Authorities[0].State != c.ca || got.Certificates[0].State != c.brief || got.Certificates[1].State != c.server {
			t.Errorf("after %s, within %s: %+v", Duration(c.after), Duration(c.within), got)
		}
		if got.Due() != (c.ca != OK || c.brief != OK || c.server != OK) {
			t.Errorf("after %s, within %s: due is %v", Duration(c.after), Duration(c.within), got.Due())
		}
	}
	got := s.Status(0).Certificates[1]
	if left := int64(DefaultValidity / time.Second); got.Left != left || got.Authority != "CN=scenario CA,O=scenario" || got.Short ||
		!slices.Equal(got.Secrets, []string{"mesh/ext", "shop/ext"}) || !slices.Equal(got.Names, []string{"ext.example", "*.ext.example", "192.0.2.1"}) {
		t.Errorf("%+v", got)
	}
}

// TestStatusRotation looks at the CAs of a rotation: what is only trusted has nothing left to do, unless it has expired.
func TestStatusRotation(t *testing.T) {
	s := rotated(t, Leaves)
	got := s.Status(0)
	if got.Rotation != "leaves" || got.Next != "retire" || len(got.Authorities) != 2 || got.Authorities[0].Signs || !got.Authorities[1].Signs {
		t.Errorf("%+v", got)
	}
	if almost := openedAfter(t, s, DefaultCAValidity-day).Status(0); almost.Authorities[0].State != OK || almost.Authorities[1].State != Renewal {
		t.Errorf("%+v", almost.Authorities)
	}
}

// TestShort is about certificates that renewing cannot help.
func TestShort(t *testing.T) {
	s := newStore(t, Init{Validity: 60 * day})
	issue(t, s, server)
	if got := openedAfter(t, s, 50*day).Status(0); !got.Certificates[0].Short || got.Certificates[0].State != Renewal || got.Authorities[0].State != Renewal {
		t.Errorf("%+v", got)
	}
}

// TestStatusPeer is about another's CA, of which all the store can do is to tell.
func TestStatusPeer(t *testing.T) {
	s := newStore(t, Init{})
	partner := pkitest.Root("partner", func(t *pkitest.Template) { t.NotBefore, t.NotAfter = start, start.Add(60*day) })
	_, err := s.Issue(t.Context(), Wanted{
		CASecrets: []SecretRef{{Namespace: "shop", Name: "partner", Shape: CAOnly, Peer: "partner"}},
		Peers:     map[string][]byte{"partner": append(pkitest.Root("longer", year(2030)).PEM(), partner.PEM()...)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]State{29 * day: OK, 31 * day: Renewal, 60 * day: Expired} {
		got := openedAfter(t, s, after).Status(0)
		if len(got.Peers) != 1 || got.Peers[0].State != want || got.Peers[0].Subject != "CN=partner" || got.Due() != (want != OK) {
			t.Errorf("after %s: %+v", Duration(after), got.Peers)
		}
	}
}

// TestPrometheus has the client's own parser and linter read the metrics, with a name that needs escaping.
func TestPrometheus(t *testing.T) {
	hostile := "a \"quoted\\ CA\nof two lines"
	s := newStore(t, Init{})
	issue(t, s, server)
	status := s.Status(0)
	status.Certificates[0].Authority = hostile
	status.Peers = append(status.Peers, PeerStatus{Name: "partner", Subject: hostile, Life: status.Authorities[0].Life})
	var text bytes.Buffer
	if err := status.Prometheus(&text); err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]string{}
	end := families["scenario_certificate_not_after_timestamp_seconds"].GetMetric()[0]
	for _, l := range end.GetLabel() {
		labels[l.GetName()] = l.GetValue()
	}
	if at := time.Unix(int64(end.GetGauge().GetValue()), 0); !at.Equal(status.Certificates[0].NotAfter) || labels["ca"] != hostile || labels["name"] != "shop.ext" || labels["purpose"] != "server" {
		t.Errorf("%s, %q", at, labels)
	}
	if n := len(families); n != strings.Count(text.String(), "# TYPE ") {
		t.Errorf("%d families", n)
	}
	stages := 0.0
	for _, m := range families["scenario_ca_rotation_stage"].GetMetric() {
		stages += m.GetGauge().GetValue()
	}
	if stages != 1 {
		t.Errorf("at %v stages", stages)
	}
	problems, err := promlint.New(bytes.NewReader(text.Bytes())).Lint()
	if err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
}
