package rules

import (
	"strings"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// A tykGrant is what a workload says of who may call it.
type tykGrant struct {
	tykPod
	at     validate.Place
	groups []string
}

// tykGrants are those of the files' workloads that say so.
func tykGrants(p *validate.Pass) []tykGrant {
	var all []tykGrant
	for _, w := range tykPods(p) {
		if written, ok := w.Metadata.Annotations[tyk.CallersKey]; ok {
			all = append(all, tykGrant{w, p.At(w.object, w.annotation(tyk.CallersKey)), groupsIn(written)})
		}
	}
	return all
}

// groupsIn are the names in an annotation, which commas part.
func groupsIn(written string) (groups []string) {
	for _, g := range strings.Split(written, ",") {
		if g = strings.TrimSpace(g); g != "" {
			groups = append(groups, g)
		}
	}
	return groups
}

// tykGroups are the groups that workloads of the files are in.
func tykGroups(p *validate.Pass) []string {
	var all []string
	for _, w := range tykPods(p) {
		if g := strings.TrimSpace(w.Metadata.Annotations[tyk.GroupKey]); g != "" {
			all = append(all, g)
		}
	}
	return all
}

// mutual tells whether an API definition of the files has the sidecar ask its callers for certificates, or the workload's own
// annotation has the controller make it so.
func (g tykGrant) mutual(p *validate.Pass) bool {
	if strings.EqualFold(g.Metadata.Annotations["bool.service.tyk.io/use-mutual-tls-auth"], "true") {
		return true
	}
	for _, a := range tykAPIs(p) {
		if a.tree["use_mutual_tls_auth"] == true && (text(a.tree["domain"]) == g.host() || text(a.tree["slug"]) == g.app+"-inbound") {
			return true
		}
	}
	return false
}
