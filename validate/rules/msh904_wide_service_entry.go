package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/validate"
)

var msh904 = validate.Rule{
	ID: "MSH904", Name: "wide-service-entry", Category: validate.Other, Severity: validate.Warning,
	Title: "a ServiceEntry opens far more than anybody needs",
	Check: func(p *validate.Pass) {
		for _, e := range p.Objects.ServiceEntries {
			if e.Spec.Location == networking.ServiceEntry_MESH_INTERNAL {
				continue
			}
			for i, h := range e.Spec.Hosts {
				if e.Spec.Resolution != networking.ServiceEntry_NONE && e.Spec.Resolution != networking.ServiceEntry_DYNAMIC_DNS || !anybodys(h) {
					continue
				}
				f := validate.Finding{
					Place:       p.At(e.Object, fmt.Sprintf("spec.hosts[%d]", i)),
					Message:     fmt.Sprintf("%s declares %s, a domain under which anybody can have a name", e.ID, h),
					Consequence: "a workload that sends such a name as Host or SNI reaches any address: with resolution NONE the name is not even looked up",
					Fix:         "name the hosts, or the domains of those that are called, such as *.partner.com",
				}
				if called := calledUnder(p, h); len(called) > 0 {
					f.Fix = fmt.Sprintf("name the hosts that are called: of the files these are %s; a domain of one owner, such as *.partner.com, is better than none", strings.Join(called, ", "))
					for j, name := range called {
						field := f.Field
						if j > 0 {
							field = fmt.Sprintf("spec.hosts[%d]", len(e.Spec.Hosts)+j-1)
						}
						f.Edits = append(f.Edits, validate.Edit{Object: f.Object, Field: field, Value: name})
					}
				}
				p.Report(f)
			}
			first, wide := 0, []string{}
			for i, a := range e.Spec.Addresses {
				if prefix, err := netip.ParsePrefix(a); err == nil && prefix.Bits() <= 8 {
					if len(wide) == 0 {
						first = i
					}
					wide = append(wide, prefix.Masked().String())
				}
			}
			if len(wide) > 0 {
				p.Report(validate.Finding{
					Place:       p.At(e.Object, fmt.Sprintf("spec.addresses[%d]", first)),
					Message:     fmt.Sprintf("%s declares all of %s", e.ID, strings.Join(wide, ", ")),
					Consequence: "whatever workloads send to an address in it leaves the mesh as registered traffic, on the ports of the entry",
					Fix:         "list the addresses of the service, or the range that its owner has",
				})
			}
		}
	},
}

// anybodys tells whether a wildcard is for a domain in which names are given to anybody: a top level domain, one of those
// below that are the same in effect, or one of a service that hosts others' content.
func anybodys(host string) bool {
	domain, ok := strings.CutPrefix(strings.ToLower(host), "*.")
	if !ok {
		return false
	}
	steps := strings.Split(domain, ".")
	switch {
	case len(steps) == 1:
		return !slices.Contains([]string{"local", "internal", "corp", "lan", "home", "intra", "intranet", "private", "test", "example", "invalid"}, domain)
	case len(steps) == 2 && len(steps[1]) == 2 && slices.Contains([]string{"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne"}, steps[0]):
		return true
	}
	return slices.Contains([]string{
		"amazonaws.com", "s3.amazonaws.com", "cloudfront.net", "azurewebsites.net", "blob.core.windows.net", "storage.googleapis.com",
		"appspot.com", "run.app", "github.io", "gitlab.io", "herokuapp.com", "netlify.app", "vercel.app", "workers.dev", "pages.dev",
	}, domain)
}
