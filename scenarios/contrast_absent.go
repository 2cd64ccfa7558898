package scenarios

// absentContrast says why Contrast has no such scenario.
var absentContrast = map[string]Refusal{
	"1b": {Reason: "Contrast has no gateways: each workload calls others by its own sidecar, with its own certificate", Hint: "scenario render 1a --mtls"},
	"2a": {Reason: "Contrast joins no meshes: a Coordinator's certificates are trusted by the workloads of its own manifest alone", Hint: "put both into one deployment, under one Coordinator, and use scenario render 1a --mtls"},
	"2b": {Reason: "Contrast joins no meshes and has no gateways", Hint: "put both into one deployment, under one Coordinator, and use scenario render 1a --mtls"},
	"expose": {
		Reason: "Contrast has no ingress gateway: callers from outside come to the workload's own port",
		Hint:   "scenario render enroll with --set contrast.ingress[0].port=8080 --set contrast.ingress[0].tls=server, which shows them the workload's certificate, and a Service of type LoadBalancer",
	},
	"redirect":      {Reason: "Contrast's sidecar has no routes: a socket of the pod leads to one remote", Hint: "scenario render 1a --mtls, with the other remote in contrast.egress"},
	"control-plane": {Reason: "Contrast's Coordinator is installed from its release, and set up by the contrast command", Hint: "contrast generate and contrast set; then scenario render enroll for each workload"},
}
