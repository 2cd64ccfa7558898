package migrate

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/meshscenario/scenario/bundle"
)

const gatewayOfShop = `
---
apiVersion: networking.istio.io/v1beta1
kind: Gateway
metadata: {namespace: shop, name: web, annotations: {NOTES}}
spec:
  selector: {SELECTOR}
  servers:
  - {hosts: [shop/shop.example], port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: shop}}
  - {hosts: ["*.shop.example", "*"], port: {number: 80, name: http, protocol: HTTP}}
---
apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: {namespace: shop, name: web}
spec:
  hosts: [shop.example, "*.shop.example"]
  gateways: [web]
  http: [{route: [{destination: {host: web, port: {number: 8080}}}]}]
`

func gatewayText(notes, selector string) string {
	return strings.NewReplacer("NOTES", notes, "SELECTOR", selector).Replace(gatewayOfShop)
}

// TestAutomaticRoutes: the operator makes a Route for each host of a Gateway, if it is told to, or by default up to 2.4.
func TestAutomaticRoutes(t *testing.T) {
	name := func(host string) string {
		hash := sha256.Sum256([]byte(host))
		return fmt.Sprintf("shop-web-%x", hash[:8])
	}
	made := []string{
		"Route istio-system/" + name("shop.example") + ": spec.tls=map[termination:passthrough]",
		"Route istio-system/" + name("shop.example") + ": spec.host=shop.example",
		"Route istio-system/" + name("shop.example") + ": spec.port.targetPort=https",
		"Route istio-system/" + name("shop.example") + ": spec.to.name=istio-ingressgateway",
		"Route istio-system/" + name("wildcard.shop.example") + ": spec.wildcardPolicy=Subdomain",
		"Route istio-system/" + name("wildcard.shop.example") + ": spec.port.targetPort=http2",
	}
	none := []string{"!Route istio-system/shop-web"}
	for _, tc := range []struct {
		from, spec, notes string
		objects, entries  []string
	}{
		{"ossm-2.4", `{version: v2.4}`, "", made, []string{
			"changed Gateway shop/web spec.servers[0].hosts[0] → Route istio-system/" + name("shop.example"),
			"decide Gateway shop/web spec.servers[1].hosts[1]: the old operator made a Route with a name that OpenShift chose",
		}},
		{"ossm-2.6", `{version: v2.6}`, "", none, []string{"!changed Gateway shop/web"}},
		{"ossm-2.6", `{version: v2.6, gateways: {openshiftRoute: {enabled: true}}}`, "", made, nil},
		{"ossm-2.4", `{version: v2.4}`, `maistra.io/manageRoute: "false"`, none, []string{`dropped Gateway shop/web metadata.annotations["maistra.io/manageRoute"]`}},
		{"ossm-2.4", `{version: v2.4, gateways: {openshiftRoute: {enabled: false}}}`, "", none, nil},
	} {
		t.Run(tc.from+tc.spec+tc.notes, func(t *testing.T) {
			b, err := bundle.Read("mesh.yaml", strings.NewReader(smcp+tc.spec+members+workload("web", injected("web"), "")+gatewayText(tc.notes, "istio: ingressgateway")))
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(b, Options{From: target(t, tc.from), To: target(t, "ossm-3.4")})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range tc.objects {
				wantObject(t, r.Bundle, o)
			}
			want(t, "entry", tc.entries, entryLines(r.Entries))
			if r.Requests == 0 {
				t.Error("no request was followed")
			}
			for _, d := range r.Differences {
				t.Error(differenceLines([]Difference{d})[0])
			}
		})
	}
}

// TestGateways: what is written of a gateway goes to its own objects, and requests from outside still pass it.
func TestGateways(t *testing.T) {
	r := migrateText(t, smcp+`
  version: v2.6
  gateways:
    openshiftRoute: {enabled: true}
    egress: {enabled: false}
    ingress:
      routeConfig: {enabled: false}
      service: {type: LoadBalancer, loadBalancerIP: 192.0.2.1, selector: {a: b}, metadata: {labels: {knative: ingressgateway}, annotations: {lb: nlb}}}
      runtime:
        deployment: {autoScaling: {enabled: true, minReplicas: 2}, strategy: {rollingUpdate: {maxSurge: 1}}}
        pod: {nodeSelector: {infra: ""}, metadata: {annotations: {note: x}}, affinity: {podAntiAffinity: {requiredDuringScheduling: [{key: app}]}}}
        container: {env: {LOG: debug}, imageName: mine, resources: {requests: {cpu: 1m}}}
      volumes: [{volume: {secret: {secretName: certs}}, volumeMount: {name: c, mountPath: /etc/certs}}]
    additionalIngress:
      partner: {enabled: true, namespace: partner, runtime: {deployment: {replicas: 3}}, service: {ports: [{name: https, port: 443, targetPort: 8443}, {name: udp, port: 53, protocol: UDP}]}}
      unused: {namespace: partner}
    additionalEgress:
      out: {enabled: true, requestedNetworkView: [a, b]}
`+members+workload("web", injected("web"), "")+gatewayText("", "knative: ingressgateway"))
	for _, o := range []string{
		"Deployment istio-system/istio-ingressgateway: spec.selector.matchLabels=map[app:istio-ingressgateway istio:ingressgateway knative:ingressgateway]",
		"Deployment istio-system/istio-ingressgateway: spec.template.metadata.annotations=map[inject.istio.io/templates:gateway note:x]",
		"Deployment istio-system/istio-ingressgateway: spec.template.spec.nodeSelector=map[infra:]",
		"Deployment istio-system/istio-ingressgateway: spec.template.spec.volumes=[map[name:c secret:map[secretName:certs]]]",
		"Deployment istio-system/istio-ingressgateway: spec.template.spec.serviceAccountName=istio-ingressgateway-service-account",
		"Deployment istio-system/istio-ingressgateway: spec.strategy.rollingUpdate.maxSurge=1",
		"Service istio-system/istio-ingressgateway: spec.type=LoadBalancer",
		"Service istio-system/istio-ingressgateway: spec.loadBalancerIP=192.0.2.1",
		"Service istio-system/istio-ingressgateway: metadata.annotations=map[lb:nlb]",
		"Service istio-system/istio-ingressgateway: spec.selector=map[app:istio-ingressgateway istio:ingressgateway knative:ingressgateway]",
		"HorizontalPodAutoscaler istio-system/istio-ingressgateway: spec.minReplicas=2",
		"HorizontalPodAutoscaler istio-system/istio-ingressgateway: spec.maxReplicas=5",
		"!Route istio-system/istio-ingressgateway",
		"!Deployment istio-system/istio-egressgateway",
		"Deployment partner/partner: spec.replicas=3",
		"Deployment partner/partner: spec.selector.matchLabels=map[app:partner istio:ingressgateway]",
		"RoleBinding partner/partner-sds: subjects=[map[kind:ServiceAccount name:partner-service-account namespace:partner]]",
		"Route partner/partner: spec.to.name=partner",
		"!Deployment partner/unused",
		"Deployment istio-system/out: spec.selector.matchLabels=map[app:out istio:egressgateway]",
	} {
		wantObject(t, r.Bundle, o)
	}
	const of = " ServiceMeshControlPlane istio-system/basic spec.gateways."
	want(t, "entry", []string{
		"mapped" + of + "ingress.service.type → Service istio-system/istio-ingressgateway",
		"dropped" + of + "ingress.service.selector",
		"dropped" + of + "ingress.runtime.container.imageName: istiod fills in",
		"decide" + of + "ingress.runtime.pod.affinity.podAntiAffinity",
		"dropped" + of + "egress: the control plane did not install it",
		"dropped" + of + "additionalIngress.unused: the control plane did not install it",
		"changed" + of + "additionalEgress.out → Deployment, Service",
	}, entryLines(r.Entries))
	if r.Requests == 0 || len(r.Differences) > 0 {
		t.Errorf("%d requests, and these differences: %v", r.Requests, differenceLines(r.Differences))
	}
}

// TestGatewaysWithoutControlPlane: where the files hold no control plane, the gateways that they lead to are installed, and a
// person is told.
func TestGatewaysWithoutControlPlane(t *testing.T) {
	r := migrateText(t, workload("web", injected("web"), "")+gatewayText("", "istio: ingressgateway"))
	wantObject(t, r.Bundle, "Deployment istio-system/istio-ingressgateway: spec.template.spec.serviceAccountName=istio-ingressgateway-service-account")
	wantObject(t, r.Bundle, "!Deployment istio-system/istio-egressgateway")
	wantObject(t, r.Bundle, "!Istio")
	want(t, "entry", []string{"decide ServiceMeshControlPlane istio-system/(not in the files) → Deployment"}, entryLines(r.Entries))
}

// TestNetworkPolicies: what the operator made is written where it is asked for, unless it made none.
func TestNetworkPolicies(t *testing.T) {
	for spec, want := range map[string][]string{
		`{version: v2.6}`: {
			"NetworkPolicy shop/istio-mesh: spec.ingress=[map[from:[map[namespaceSelector:map[matchLabels:map[istio-discovery:enabled]]]]]]",
			"NetworkPolicy shop/istio-expose-route: spec.podSelector.matchLabels=map[maistra.io/expose-route:true]",
			"NetworkPolicy istio-system/istiod: spec.ingress=[map[ports:[map[port:15017]]]]",
			"NetworkPolicy istio-system/istio-ingressgateway: spec.podSelector.matchLabels=map[app:istio-ingressgateway istio:ingressgateway]",
			"!NetworkPolicy istio-system/istio-egressgateway",
		},
		`{version: v2.6, security: {manageNetworkPolicy: false}}`: {"!NetworkPolicy"},
	} {
		b, err := bundle.Read("mesh.yaml", strings.NewReader(smcp+spec+members))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(b, Options{From: target(t, "ossm-2.6"), To: target(t, "ossm-3.4"), NetworkPolicies: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range want {
			wantObject(t, r.Bundle, o)
		}
	}
}

// TestSecrets: keys that are read are not written, and what depends on them goes as before.
func TestSecrets(t *testing.T) {
	r := migrateText(t, smcp+`{version: v2.6, gateways: {openshiftRoute: {enabled: true}}}`+members+workload("web", injected("web"), "")+gatewayText("", "istio: ingressgateway")+`
---
apiVersion: v1
kind: Secret
metadata: {namespace: istio-system, name: shop}
stringData: {tls.crt: c, tls.key: the-key}
`)
	want(t, "entry", []string{"mapped Secret istio-system/shop → the same Secret istio-system/shop"}, entryLines(r.Entries))
	for _, o := range r.Bundle.Objects {
		if o.Kind == "Secret" || strings.Contains(string(o.JSON), "the-key") {
			t.Errorf("%s is written", o.ID)
		}
	}
	if r.Requests == 0 || len(r.Differences) > 0 {
		t.Errorf("%d requests, and these differences: %v", r.Requests, differenceLines(r.Differences))
	}
}
