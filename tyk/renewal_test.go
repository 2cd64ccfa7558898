package tyk

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// server is a record of a certificate for a domain, of 90 days.
func server(id, domain string, created time.Time) Record {
	return Record{UID: "uid-" + id, ID: id, Created: created, NotBefore: created, Expires: created.AddDate(0, 0, 90), Names: []string{domain}}
}

// api is a definition of a domain with certificates.
func api(t testing.TB, slug, domain string, ids ...string) Definition {
	t.Helper()
	data, err := json.Marshal(map[string]any{"name": slug, "slug": slug, "domain": domain, "certificates": ids, "config_data": map[string]any{"mine": 1}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := ReadDefinition(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func steps(p Plan) string {
	var all []string
	for _, s := range p.Steps {
		all = append(all, strings.Join(strings.Fields(strings.Join([]string{s.Action, s.API, s.Certificate, strings.Join(s.Names, "+")}, " ")), " "))
	}
	return strings.Join(all, "; ")
}

// TestRenewals plans from states that there are.
func TestRenewals(t *testing.T) {
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	echo := func(ids ...string) []Definition { return []Definition{api(t, "echo-inbound", "echo.shop", ids...)} }
	a, b := server("a", "echo.shop", day(0)), server("b", "echo.shop", day(61))
	mesh := server("m", "mesh", day(0))
	client := server("c", "echo.shop", day(62))
	client.ClientEgressIDs = []string{"1"}
	for _, c := range []struct {
		name    string
		records []Record
		apis    []Definition
		now     time.Time
		want    string
		ids     string // of the definitions that change
	}{
		{"young", []Record{a}, echo("a"), day(59), "", ""},
		{"two thirds gone", []Record{a}, echo("a"), day(60), "issue echo.shop", ""},
		{"issued", []Record{a, b}, echo("a"), day(61), "add echo-inbound b; reload", "[a b]"},
		{"both there", []Record{a, b}, echo("a", "b"), day(61), "wait echo-inbound", ""},
		{"overlap over", []Record{a, b}, echo("a", "b"), day(62), "remove echo-inbound a; reload", "[b]"},
		{"old one out", []Record{a, b}, echo("b"), day(62), "delete a; past a", ""},
		{"old one served", []Record{a, b}, echo("b", "a"), day(70), "order echo-inbound b; remove echo-inbound a; reload", "[b]"},
		{"one twice", []Record{b}, echo("b", "b"), day(70), "order echo-inbound b; reload", "[b]"},
		{"expired", []Record{a}, echo("a"), day(91), "issue echo.shop", ""},
		{"expired, and issued", []Record{a, b}, echo("a"), day(91), "add echo-inbound b; reload", "[a b]"},
		{"none", nil, echo(), day(0), "issue echo.shop", ""},
		{"unknown", nil, echo("x"), day(0), "ask echo-inbound", ""},
		{"unknown beside", []Record{a}, echo("x", "a"), day(30), "", ""},
		{"a client's", []Record{a, client}, echo("a"), day(63), "issue echo.shop", ""},
		{"another's", []Record{server("o", "orders.shop", day(0))}, echo("o"), day(1), "issue echo.shop", ""},
		{"not valid yet", []Record{a, server("z", "echo.shop", day(70))}, echo("a"), day(62), "issue echo.shop", ""},
		{"mesh", []Record{mesh}, []Definition{api(t, "a-mesh", "mesh", "m"), api(t, "b-mesh", "mesh", "m")}, day(60), "issue mesh+mesh.local", ""},
		{"mesh issued", []Record{mesh, server("n", "mesh", day(61))}, []Definition{api(t, "a-mesh", "mesh", "m"), api(t, "b-mesh", "mesh", "m")}, day(61),
			"add a-mesh n; add b-mesh n; reload; set n", "[m n][m n]"},
		{"mesh half", []Record{mesh, server("n", "mesh", day(61))}, []Definition{api(t, "a-mesh", "mesh", "m", "n"), api(t, "b-mesh", "mesh", "n")}, day(63),
			"remove a-mesh m; reload", "[n]"},
		{"no domain", nil, []Definition{api(t, "plain", "")}, day(0), "", ""},
	} {
		p := Renewals(c.records, c.apis, c.now, DefaultOverlap)
		if got := steps(p); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
		ids := ""
		for _, d := range p.APIs {
			ids += fmt.Sprint(d.Certificates)
			if !strings.Contains(string(d.JSON), `"mine": 1`) {
				t.Errorf("%s: what else was in config_data is gone: %s", c.name, d.JSON)
			}
		}
		if ids != c.ids {
			t.Errorf("%s: %s", c.name, ids)
		}
		if !p.Next.IsZero() && !p.Next.After(c.now) {
			t.Errorf("%s: next is %s, at %s", c.name, p.Next, c.now)
		}
	}
	// Since when an id is there counts from when it was added, not from when it was made.
	p := Renewals([]Record{a, b}, echo("a"), day(80), DefaultOverlap)
	if got := steps(Renewals([]Record{a, b}, p.APIs, day(80).Add(23*time.Hour), DefaultOverlap)); got != "wait echo-inbound" {
		t.Error(got)
	}
	if got := steps(Renewals([]Record{a, b}, p.APIs, day(81), DefaultOverlap)); got != "remove echo-inbound a; reload" {
		t.Error(got)
	}
}

// client is a record of a client's certificate of 90 days; its id in client_certificates is that without "org".
func client(n int, created time.Time) Record {
	r := server(fmt.Sprintf("org%064d", n), "web.shop", created)
	r.ClientEgressIDs = []string{"1"}
	return r
}

// granted are the definitions by which web calls orders, with the ids that orders lets in, and the one that web shows.
func granted(t testing.TB, shown string, let ...string) []Definition {
	t.Helper()
	inbound, err := edit(api(t, "orders-inbound", ""), func(d map[string]any) { d["client_certificates"] = let })
	if err != nil {
		t.Fatal(err)
	}
	mesh, err := edit(api(t, "web-mesh-orders", ""), func(d map[string]any) { d["upstream_certificates"] = map[string]string{"orders.shop:8080": shown} })
	if err != nil {
		t.Fatal(err)
	}
	return []Definition{inbound, mesh}
}

// TestClientRenewals goes through the three steps of a client's certificate, a day between them.
func TestClientRenewals(t *testing.T) {
	old, fresh := client(1, start), client(2, start.AddDate(0, 0, 61))
	records, apis, now := []Record{old}, granted(t, old.ID, Fingerprint(old.ID)), start.AddDate(0, 0, 60)
	short := func(text string) string {
		return strings.NewReplacer(old.ID, "OLD", fresh.ID, "NEW", Fingerprint(old.ID), "old", Fingerprint(fresh.ID), "new").Replace(text)
	}
	for _, c := range []struct {
		days int
		want string
	}{
		{-1, ""},
		{0, "issue web.shop"},
		{2, "accept orders-inbound new; reload"},
		{2, "wait NEW"},
		{3, "show web-mesh-orders NEW; reload"},
		{3, "wait NEW"},
		{4, "refuse orders-inbound old; reload"},
		{4, "delete OLD; past OLD"},
	} {
		at := now.AddDate(0, 0, c.days)
		if c.days == 2 {
			records = []Record{old, fresh}
		}
		p := Renewals(records, apis, at, DefaultOverlap)
		if got := short(steps(p)); got != c.want {
			t.Errorf("day %d: %s, want %s", c.days, got, c.want)
		}
		for _, d := range p.APIs {
			i := slices.IndexFunc(apis, func(o Definition) bool { return o.Slug == d.Slug })
			apis[i] = d
		}
	}
	later := client(2, start.AddDate(0, 0, 61))
	later.NotBefore = start.AddDate(0, 0, 90)
	if got := steps(Renewals([]Record{old, later}, granted(t, old.ID, Fingerprint(old.ID)), start.AddDate(0, 0, 62), DefaultOverlap)); got != "issue web.shop" {
		t.Errorf("a certificate that is not valid yet: %s", got)
	}
	if got := short(fmt.Sprint(apis[0].Client, apis[1].Upstream)); got != "[new] map[orders.shop:8080:NEW]" {
		t.Error(got)
	}
}

// TestRenewalsOverTime has a job that plans every few hours for a year, that fails now and then, and CAs that are slow: at
// no time does an API serve what is not valid or refuse a caller that it let in, nothing goes before the overlap is over, and nothing piles up.
func TestRenewalsOverTime(t *testing.T) {
	for seed := range uint64(6) {
		w := newWorld(t, seed)
		for w.now.Before(start.AddDate(1, 0, 0)) {
			w.now = w.now.Add(time.Duration(1+w.chance.IntN(12)) * time.Hour)
			w.check(t)
			if w.chance.IntN(4) > 0 {
				w.run()
			}
			if t.Failed() {
				t.Fatalf("seed %d at %s", seed, w.now)
			}
		}
		if w.issued < 4*12 {
			t.Errorf("seed %d: %d certificates in a year", seed, w.issued)
		}
		if len(w.records) > 4*2 {
			t.Errorf("seed %d: %d records piled up", seed, len(w.records))
		}
	}
}

// A world has what a job works on, and a log of since when each API has each certificate.
type world struct {
	now     time.Time
	chance  *rand.Rand
	records []Record
	apis    []Definition
	before  []Definition         // as they were before the last run: some gateways still have those
	pending map[string]time.Time // domains, and when their certificate comes
	since   map[string]time.Time // by slug and id
	issued  int
	t       testing.TB
}

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{now: start, chance: rand.New(rand.NewPCG(seed, 1)), pending: map[string]time.Time{}, since: map[string]time.Time{}, t: t}
	for _, a := range [][2]string{{"echo-inbound", "echo.shop"}, {"sleep-inbound", "sleep.shop"}, {"echo-mesh", "mesh"}, {"sleep-mesh", "mesh"}} {
		id := "first-" + a[1]
		if !slices.ContainsFunc(w.records, func(r Record) bool { return r.ID == id }) {
			w.records = append(w.records, w.certificate(id, a[1]))
		}
		// The controller appends again what it has in memory.
		w.apis = append(w.apis, api(t, a[0], a[1], id, id))
	}
	first := client(0, w.now)
	first.Expires = w.now.AddDate(0, 0, 30)
	w.records = append(w.records, first)
	w.apis = append(w.apis, granted(t, first.ID, Fingerprint(first.ID))...)
	w.before = slices.Clone(w.apis)
	return w
}

// certificate is one of 30 days.
func (w *world) certificate(id, domain string) Record {
	r := server(id, domain, w.now)
	r.Expires = w.now.AddDate(0, 0, 30)
	return r
}

// run plans, and does what was planned: all, or the first few steps. A definition is saved with its reload or not at all.
func (w *world) run() {
	p := Renewals(w.records, w.apis, w.now, DefaultOverlap)
	w.before = slices.Clone(w.apis)
	for domain, when := range w.pending {
		if w.now.After(when) {
			w.issued++
			r := w.certificate(fmt.Sprintf("%s-%d", domain, w.issued), domain)
			if domain == "web.shop" {
				r = client(w.issued, w.now)
				r.Expires = w.now.AddDate(0, 0, 30)
			}
			w.records = append(w.records, r)
			delete(w.pending, domain)
		}
	}
	for _, d := range p.APIs {
		if w.chance.IntN(5) == 0 {
			continue
		}
		i := slices.IndexFunc(w.apis, func(o Definition) bool { return o.Slug == d.Slug })
		for _, id := range d.Certificates {
			if !slices.Contains(w.apis[i].Certificates, id) {
				w.since[d.Slug+id] = w.now
			}
		}
		for _, id := range w.apis[i].Certificates {
			if d.Domain != "" && !slices.Contains(d.Certificates, id) {
				w.removed(d)
			}
		}
		w.apis[i] = d
	}
	for _, s := range p.Steps {
		switch s.Action {
		case Issue:
			if _, ok := w.pending[s.Names[0]]; !ok {
				w.pending[s.Names[0]] = w.now.Add(time.Duration(w.chance.IntN(72)) * time.Hour)
			}
		case Delete:
			if slices.ContainsFunc(w.apis, func(d Definition) bool { return strings.Contains(string(d.JSON), Fingerprint(s.Certificate)+`"`) }) {
				w.t.Errorf("%s is deleted, and an API names it", s.Certificate)
			}
			w.records = slices.DeleteFunc(w.records, func(r Record) bool { return r.ID == s.Certificate })
		}
	}
}

// removed holds what is left of an API's certificates against the overlap.
func (w *world) removed(d Definition) {
	last := d.Certificates[len(d.Certificates)-1]
	if since, ok := w.since[d.Slug+last]; ok && w.now.Sub(since) < DefaultOverlap {
		w.t.Errorf("%s: one was removed %s after its successor came", d.Slug, w.now.Sub(since))
	}
}

// checkClient holds what a caller shows against what its callee lets in.
func (w *world) checkClient(t *testing.T, shown string, let []string) {
	i := slices.IndexFunc(w.records, func(r Record) bool { return r.ID == shown })
	if i < 0 || !w.records[i].Valid(w.now) || !slices.Contains(let, Fingerprint(shown)) {
		t.Errorf("the caller shows %s, and is not let in", shown)
	}
	if len(let) > 3 {
		t.Errorf("%d clients' certificates piled up", len(let))
	}
}

// check holds what the gateways serve, the last of each list, against the clock.
func (w *world) check(t *testing.T) {
	for _, showing := range [][]Definition{w.before, w.apis} {
		for _, letting := range [][]Definition{w.before, w.apis} {
			w.checkClient(t, showing[5].Upstream["orders.shop:8080"], letting[4].Client)
		}
	}
	for _, d := range w.apis {
		if d.Domain == "" {
			continue
		}
		last := d.Certificates[len(d.Certificates)-1]
		i := slices.IndexFunc(w.records, func(r Record) bool { return r.ID == last })
		if i < 0 || !w.records[i].Valid(w.now) || !w.records[i].For(d) {
			t.Errorf("%s serves %s, which is not valid", d.Slug, last)
		}
		if len(d.Certificates) > 3 {
			t.Errorf("%s: %d certificates piled up", d.Slug, len(d.Certificates))
		}
	}
}
