package tyk

// A Definition is an API definition of Tyk, the classic form that a dashboard's /api/apis and a gateway's app folder take.
type Definition struct {
	Name, Slug, Domain string
	ListenPath, Target string
	Tags, Certificates []string
	// JSON is the whole of it, with what annotations set.
	JSON []byte
}

// Definitions are the two API definitions of a workload: the mesh one, by which callers' sidecars reach it, and the
// inbound one, by which its own sidecar reaches its application.
func Definitions(w Workload, c Controller) (meshAPI, inbound Definition, err error) { return }
