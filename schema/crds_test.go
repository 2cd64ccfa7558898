package schema

import (
	"strings"
	"testing"

	"github.com/meshscenario/scenario/mesh"
)

// TestEveryLine reads all schemas, and so all patterns, and finds the Go of all rules.
func TestEveryLine(t *testing.T) {
	l := shelf()
	used := map[string]bool{}
	for i := 1; i < len(l.lines); i++ {
		for _, text := range l.at(i).Rules {
			used[text] = true
		}
	}
	for text := range rules {
		if !used[text] {
			t.Errorf("no CRD has the rule %s", text)
		}
	}
}

// TestEveryTarget: each target's own minor of Istio is among those whose CRDs are known, 1.9 excepted.
func TestEveryTarget(t *testing.T) {
	for _, target := range mesh.Targets {
		if got := shelf().edition(target.IstioMinor()); got != target.IstioMinor() {
			t.Errorf("%s: the CRDs of Istio 1.%d stand for those of 1.%d", target.Name, got, target.IstioMinor())
		}
	}
}

// taken are the gates of fields that were in the CRDs before Istio did anything with them: traits speaks of those.
var taken = map[mesh.Gate]bool{mesh.InsecureSkipVerify: true, mesh.CredentialNames: true, mesh.Tunnel: true}

// TestGates: what package mesh says of when fields and values came agrees with the CRDs, as far as those are known.
func TestGates(t *testing.T) {
	l := shelf()
	editions := l.editions()
	for _, n := range newcomers {
		if n.gate == "" {
			continue
		}
		since := n.gate.Since()
		if since == 0 {
			t.Errorf("%s: the gate %s does not tell since when", n.field, n.gate)
		}
		found := false
		for i, minor := range editions {
			has := false
			for kind := range l.roots {
				if of := cutKind(kind); strings.HasPrefix(kind, "networking.istio.io/v1alpha3/") && (n.kind == "" || n.kind == of.kind) {
					has = has || l.holds(l.root(of.apiVersion, of.kind, minor), n, map[*node]bool{})
				}
			}
			if !has {
				continue
			}
			found = true
			if since > minor && taken[n.gate] {
				break
			}
			if since > minor || i > 0 && since <= editions[i-1] {
				t.Errorf("%s %s: the CRDs have it from 1.%d on, and the gate %s says 1.%d", n.field, n.value, minor, n.gate, since)
			}
			break
		}
		if !found {
			t.Errorf("no CRD has %s %s of %s", n.field, n.value, n.kind)
		}
	}
}

// holds tells whether a field, or a value of it, is anywhere in a schema.
func (l *collection) holds(n *node, what newcomer, seen map[*node]bool) bool {
	if n == nil || seen[n] {
		return false
	}
	seen[n] = true
	for name, line := range n.Fields {
		child := l.at(line)
		if name == what.field && (what.value == "" || containsText(child.Enum, raw(`"`+what.value+`"`))) {
			return true
		}
		if l.holds(child, what, seen) {
			return true
		}
	}
	return l.holds(l.at(n.Items), what, seen) || l.holds(l.at(n.Values), what, seen)
}
