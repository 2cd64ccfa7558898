package apiserver

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The CRDs of cert-manager and of trust-manager are in their modules.
var makers = []struct{ module, version, folder string }{
	{"github.com/cert-manager/cert-manager", "v1.21.2", "deploy/crds"},
	{"github.com/cert-manager/trust-manager", "v0.25.0", "deploy/crds"},
}

// TestCertManager hands bundles whose Secrets cert-manager is to make to an API server with its CRDs: every field is known
// there, and kept. Nobody makes anything of them here.
func TestCertManager(t *testing.T) {
	t.Parallel()
	target := targetOf(t, "ossm-2.6")
	p, _ := clusterOf(t, target)
	for _, m := range makers {
		dir, err := download(m.module, m.version)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.InstallCRDs(filepath.Join(dir, m.folder)); err != nil {
			t.Fatal(err)
		}
	}
	for _, arguments := range []string{
		"1a",
		"1a --mtls --client-namespace shop",
		"1b --mtls --issuer Issuer/corp",
		"1b --mtls --include namespaces,traffic,workload,service",
		"expose --mtls --issuer AWSPCAClusterIssuer.awspca.cert-manager.io/corp",
	} {
		t.Run(arguments, func(t *testing.T) {
			b := bundle{name: arguments, command: append([]string{"render", "--target", target.Name, "--secrets", "cert-manager"}, strings.Fields(arguments)...), target: target}
			r, err := b.render()
			if err != nil {
				t.Fatal(err)
			}
			// A bundle that brings its namespaces does not bring this one.
			if slices.ContainsFunc(r.objects, isNamespace) {
				r.objects = append(r.objects, namespace("cert-manager"))
				r.yaml = asJSON(namespace("cert-manager")) + "\n---\n" + r.yaml
			}
			faults, err := inEmptyCluster(p, r, serverSide)
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range faults {
				t.Error(fault)
			}
			wanted := 0
			for _, o := range r.objects {
				if strings.Contains(o.APIVersion(), "cert-manager.io/") {
					wanted++
				}
			}
			if wanted == 0 {
				t.Error("nothing for cert-manager in the bundle")
			}
		})
	}
}
