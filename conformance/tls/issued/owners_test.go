package issued

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// swapRoot: the owner has the own mesh's root where the other's has to be.
func (j *joined) swapRoot(t testing.TB, owner *member) {
	t.Helper()
	j.differently(t, owner, "--set-file", "rootCertificate", write(t, filepath.Join(j.dir, "own.pem"), owner.roots))
}

// differently renders the owner's mesh with another value of the other mesh than that has: flag is how it is set.
func (j *joined) differently(t testing.TB, owner *member, flag, field, value string) {
	t.Helper()
	set := j.other(owner).field + "." + field + "="
	args := j.with("render", "--mesh", owner.name, "-o", "json")
	if i := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, set) }); i >= 0 {
		args[i] = set + value
	} else {
		args = append(args, flag, set+value)
	}
	owner.apply(t, j.dir, tested.does(t, args...))
}

// mistakes are calls over the border, one for each that an owner of the meshes can make. Of what validate can see, it tells.
func (j *joined) mistakes(t *testing.T) (all []trial) {
	t.Helper()
	list := ofSharedRoot
	switch {
	case j.exporter.federated():
		list = ofFederation
	case j.exporter.trustDomain != j.importer.trustDomain:
		list = slices.Concat(ofSharedRoot, ofTrustDomains)
	}
	for _, m := range list {
		wrong := j.copy(t)
		m.make(t, wrong)
		found := wrong.found(t)
		if m.unseen != (len(found) == 0) {
			t.Errorf("%s: validate finds %v", m.what, found)
		} else if !m.unseen {
			tally.count(&tally.borderFaults)
		}
		legs, arrive := wrong.legs(t)
		if !arrive {
			tally.count(&tally.borderTraced)
		}
		for _, l := range legs {
			if !l.crosses() {
				continue
			}
			if why := l.admitted(); m.named != (why != "") {
				t.Errorf("%s: %s: the client is let in or kept out by its name: %q", l.name, m.what, why)
			}
			all = append(all, trial{what: l.name + ", " + m.what, client: l.client, server: l.server, by: m.by, saying: m.saying})
			if l.from.signer == l.to.signer {
				// This is what it costs that the roots are one.
				server := l.server
				server.Certificate = l.from.signs(l.to.trustDomain, l.namespace(), l.to.account(t, l.last.Workload))
				all = append(all, trial{what: l.name + ", " + m.what + ": the caller's mesh signs for the server", client: l.client, server: server})
			}
		}
	}
	return all
}

// copy is the same meshes, for making a mistake.
func (j *joined) copy(t testing.TB) *joined {
	importer, exporter := *j.importer, *j.exporter
	return &joined{dir: t.TempDir(), args: j.args, importer: &importer, exporter: &exporter}
}

// found are the rules of which validate has findings at error, in either mesh with the other beside.
func (j *joined) found(t testing.TB) (rules []string) {
	t.Helper()
	for _, m := range j.members() {
		r := tested.run(t, append([]string{"validate", "-o", "json"}, j.files(m)...)...)
		if r.status > 1 {
			t.Fatalf("validate: exit status %d\n%s", r.status, r.errors)
		}
		report := decode[struct {
			Findings []struct{ Rule, Severity string }
		}](t, r.out)
		for _, f := range report.Findings {
			if f.Severity == "error" && !slices.Contains(rules, f.Rule) {
				rules = append(rules, f.Rule)
			}
		}
	}
	return rules
}
