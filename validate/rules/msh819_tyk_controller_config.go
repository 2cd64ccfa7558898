package rules

import (
	"fmt"

	"github.com/meshscenario/scenario/tyk"
	"github.com/meshscenario/scenario/validate"
)

// https://github.com/TykTechnologies/tyk-k8s/blob/master/cmd/start.go and ca/ca.go
var msh819 = validate.Rule{
	ID: "MSH819", Name: "tyk-controller-config", Category: validate.Schema, Severity: validate.Error, Anywhere: true,
	Title: "tyk-k8s ends because of its configuration, or reads it otherwise than it is written",
	Check: func(p *validate.Pass) {
		for _, c := range tykConfigs(p) {
			for _, fault := range c.faults {
				if fault.Path == "CA.key" {
					continue // MSH821
				}
				f := validate.Finding{
					Place: c.at(p, fault.Path, fault.Line), Message: fault.String(),
					Consequence: "the controller ends when it starts, and with failurePolicy Fail no pod of the webhook's namespaces is admitted",
					Fix:         "correct it there",
				}
				if !fault.Fatal {
					f.Severity, f.Consequence = validate.Warning, "the controller starts, and does not do what is written"
				}
				p.Report(f)
			}
			for _, lack := range lacking(c) {
				f := validate.Finding{Place: c.place(p, lack.key), Message: lack.what, Consequence: lack.then, Fix: lack.fix}
				is, known := c.replaced(p, lack.key)
				if !known {
					f.Severity = validate.Info // it is written, and empty: the controller's environment may have it
				}
				if !is {
					p.Report(f)
				}
			}
		}
	},
}

// A lack is a key of tyk-k8s's configuration that is missing.
type lack struct{ key, what, then, fix string }

// lacking are the keys that a configuration needs and does not have. One with the section CA alone is a part of one, for
// last-mile TLS.
func lacking(c tykConfig) (all []lack) {
	const ends = "the controller ends when it starts: "
	tls := c.Injector.EnableMeshTLS || c.has("CA") && !c.has("Injector")
	for _, need := range []struct {
		missing bool
		lack
	}{
		{tls && c.CA.CertPath == "", lack{"CA.certPath", "CA.certPath is missing, which last-mile TLS needs", ends + "root CA certificate is required for bundling", "mount the CA's certificate into the controller's pod, and write its file: certPath: /etc/tyk-k8s-ca/ca.pem"}},
		{tls && c.CA.MongoConnStr == "", lack{"CA.mongoConnStr", "CA.mongoConnStr is missing, where last-mile TLS keeps its certificates", ends + "no reachable servers", "write the database of the Dashboard: mongoConnStr: mongodb://HOST:27017/tyk-dashboard"}},
		{tls && c.CA.Addr == "", lack{"CA.addr", "CA.addr is missing, the CFSSL server that signs", "the webhook refuses each pod: its certificate cannot be signed", "write the server's URL: addr: https://cfssl.NAMESPACE"}},
		{c.has("Server") && c.Server.CertFile == "", lack{"Server.certFile", "Server.certFile is missing, so that the webhook speaks plain HTTP", "the API server calls webhooks by https alone: with failurePolicy Fail no pod is admitted, and with Ignore none is meshed", "write certFile and keyFile, with a certificate for SERVICE.NAMESPACE.svc"}},
	} {
		if need.missing {
			all = append(all, need.lack)
		}
	}
	if _, _, ok := c.sidecar(); c.has("Injector") && !ok {
		all = append(all, lack{"Injector.containers", fmt.Sprintf("Injector.containers has no container named %s", tyk.SidecarName), "pods get no gateway with the tags of their workload: calls to ports 80 and 443 are redirected to where nobody listens", "name the gateway's container " + tyk.SidecarName})
	}
	return all
}
