package scenarios

// absentTyk says why Tyk's mesh has no other scenario. In a meshed pod every call to ports 80 and 443 ends at the sidecar,
// the sidecar's own calls too (https://github.com/TykTechnologies/tyk-k8s/blob/master/docker/initContainer/entrypoint).
var absentTyk = map[string]Refusal{
	directID: {
		Reason: "Tyk's sidecar cannot call outside hosts on ports 80 and 443: the rules of its pod lead its own calls back to it",
		Hint:   "give the outside host another port, which the rules leave alone, or an API definition on a Tyk gateway outside of the mesh, called by its own port",
	},
	"1b": {
		Reason: "Tyk's mesh has no egress gateway that calls are led to",
		Hint:   "a Tyk gateway outside of the mesh, with an API definition for the outside host (upstream_certificates for mutual TLS), called by the name and port of its own Service",
	},
	"2a": {
		Reason: "Tyk's mesh ends where its Dashboard does: two are not joined",
		Hint:   "call the other mesh's Tyk gateway as any outside service, by a port that is neither 80 nor 443",
	},
	"2b": {
		Reason: "Tyk's mesh ends where its Dashboard does: two are not joined",
		Hint:   "call the other mesh's Tyk gateway as any outside service, by a port that is neither 80 nor 443",
	},
	"expose": {
		Reason: "tyk-k8s reads Ingresses of networking.k8s.io/v1beta1, which no cluster has had since Kubernetes 1.22",
		Hint:   "an ApiDefinition of Tyk Operator for a gateway that is reached from outside; it calls the enrolled service as https://<app>.<namespace>:8080",
	},
	"redirect": {
		Reason: "the mesh API of a workload always leads to its own Service",
		Hint:   "annotation string.service.tyk.io/proxy.target-url on the enrolled workload leads what its sidecar is sent to another address, by a port that is neither 80 nor 443",
	},
	"control-plane": {
		Reason: "Tyk's controller is rendered with what it is to inject into",
		Hint:   "`scenario render enroll --target tyk --include namespaces,control-plane`",
	},
}
