package kit

import (
	"fmt"
	"strings"

	"github.com/meshscenario/scenario/scenarios"
)

// readme is README.md.
func (k Kit) readme(manifests []manifest) []byte {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# %s\n", plain(k.Name()))
	for _, plan := range k.Plans {
		p("\n**%s: %s** (%s), on %s", plan.Scenario.ID, plan.Scenario.Title, plan.Spec.Encryption, plan.Target.Product)
		if !plan.Exposes() && !plan.Outbound() {
			p(".\n")
			continue
		}
		p(": `%s`.\n", plain(plan.Spec.Service.Host))
	}
	p("\n## What must be there first\n\nA cluster to which `%s` leads, and in it:\n\n", k.cli())
	for _, n := range scenarios.Needs(k.Plans, k.PartsOf) {
		if n.ByKit() && k.Secrets != Nobody {
			continue
		}
		text := plain(n.Text)
		if n.Installs != "" {
			text += "; apply.sh makes those, and stops when it is time for this:"
		}
		p("- %s\n", text)
		if n.Command != "" {
			p("  ```\n  %s\n  ```\n", plain(n.Command))
		}
	}
	k.readmeSecrets(p)
	p("\n## The commands\n\n```\n./apply.sh    # in the order below, waiting for what must be ready; again changes nothing\n" +
		"./test.sh     # calls that must be answered, and calls that must fail\n" +
		"./undo.sh     # deletes what apply.sh made, and nothing else\n```\n\n" +
		"`WAIT=0` waits for nothing, `TIMEOUT=300` is how many seconds one wait may take, `FORCE=1` takes over what others have set,\n" +
		"`CLI=kubectl` names the program that talks to the cluster.\n")
	p("\n## What is applied\n\n| file of manifests/ | why |\n|---|---|\n")
	for _, m := range manifests {
		p("| `%s` | %s |\n", strings.TrimPrefix(m.file.Name, "manifests/"), strings.ReplaceAll(plain(m.Why), "|", "\\|"))
	}
	p("\nEach carries the annotation `%s: %s/…`. An object without it was there before: apply.sh keeps its hands off, and\nundo.sh leaves it.\n", MarkAnnotation, plain(k.Name()))
	k.readmeTest(p)
	p("\n## Another definition\n\n```\nscenario bootstrap -f definition.yaml --include %s --to . --overwrite\n```\n", k.parts())
	return []byte(b.String())
}

// readmeSecrets says where the Secrets come from, and how they are renewed.
func (k Kit) readmeSecrets(p func(string, ...any)) {
	secrets := k.secrets()
	if len(secrets) == 0 {
		return
	}
	p("\n## Certificates and Secrets\n\n")
	for _, s := range secrets {
		var what []string
		if s.Pair != nil {
			what = append(what, "`tls.crt`, `tls.key`")
		}
		if s.CA {
			what = append(what, "`ca.crt`")
		}
		p("- Secret `%s/%s` with %s, for %s\n", plain(s.Namespace), plain(s.Name), strings.Join(what, ", "), plain(s.Reader))
	}
	pki := plain(k.PKI)
	if pki == "" {
		pki = "./pki"
	}
	store := fmt.Sprintf("scenario certs init --pki %[1]s\nscenario certs issue -f definition.yaml --include %[2]s --pki %[1]s", Quote(pki), k.parts())
	secret := fmt.Sprintf("scenario certs secret -f definition.yaml --include %s --pki %s", k.parts(), Quote(pki))
	switch k.Secrets {
	case Reference:
		p("\nTheir certificates are in a store, from which apply.sh makes them (`%s | %s apply …`).\nThe store is made once, before:\n\n```\n%s\n```\n\n"+
			"Certificates end. To renew those that end soon, and to hand them over:\n\n```\nscenario certs renew --pki %s\n./apply.sh\n```\n", plain(secret), k.cli(), store, Quote(pki))
	case Inline:
		p("\nThey are among the manifests, private keys and all: keep this folder out of repositories and backups that others read.\n" +
			"When certificates were renewed, make the kit anew (see the end) and run ./apply.sh.\n")
	default:
		p("\nSomebody else makes them. apply.sh stops before the workloads if one is not there.\n")
	}
}

// readmeTest says what test.sh proves.
func (k Kit) readmeTest(p func(string, ...any)) {
	p("\n## What test.sh proves\n\n")
	for _, plan := range k.Plans {
		host := plain(plan.Spec.Service.Host)
		if k.exposes(plan) {
			p("- `%s` answers callers from outside", host)
			if plan.Spec.Encryption == scenarios.Mutual {
				p(" that show a certificate, and turns away those that do not")
			}
			p(".\n")
		}
		if plan.Outbound() {
			p("- From a pod of the client, `%s` answers", host)
			if plan.Spec.Mesh.Outbound == "registry-only" {
				p(", and a host that nothing declares does not")
			}
			p(".\n")
		}
		if !k.exposes(plan) && !plan.Outbound() {
			p("- The control plane and its members are ready, and workloads have a proxy.\n")
		}
	}
	p("\nWhere the gateway is not reached by its usual address: `ADDRESS=192.0.2.10 PORT=8443 ./test.sh`. Certificates of somebody else's\n" +
		"CA: `CACERT=ca.crt CERT=tls.crt KEY=tls.key ./test.sh`. A client with another container that has curl: `CONTAINER=name`.\n")
}

// plain keeps a text on its line and out of code fences.
func plain(text string) string {
	return strings.NewReplacer("`", "'", "\n", " ", "\r", " ").Replace(text)
}
