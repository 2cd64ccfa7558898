package tyk

// A Matrix says who may call whom.
type Matrix struct {
	Grants []Grant
}

// A Grant is a pair of caller and callee, by [Workload.Host], and whether the call is let through.
type Grant struct {
	Caller, Callee string
	Allowed        bool
	Why            string
}

// Grants gives the matrix of the workloads: a callee with the annotation [CallersKey] lets in the callers whose group is
// in it; one without it lets in everybody.
func Grants(workloads []Workload) Matrix { return Matrix{} }
