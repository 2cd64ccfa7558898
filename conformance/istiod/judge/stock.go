package judge

import _ "embed"

//go:embed stock.yaml
var stock []byte

// Stock is a strict mesh, for bundles that bring none: REGISTRY_ONLY, STRICT mutual TLS, and the gateways of Istio's
// charts, istio-egress/istio-egressgateway and istio-ingress/istio-ingressgateway, on ports 80 and 443.
func Stock() *Bundle {
	b, err := Parse("stock.yaml", stock)
	if err != nil {
		panic(err) // embedded, and a test reads it
	}
	return b
}
