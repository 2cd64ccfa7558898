package tyk

import "time"

// A Record is a certificate as the controller keeps it, without its keys: a document of the collection k8s_ca.
type Record struct {
	UID, Fingerprint string
	History          []string
	Created, Expires time.Time
	ClientEgressIDs  []string
	ServiceID        string
	IsMeshCert       bool
}

// A Plan is what a renewal does next.
type Plan struct{ Steps []Step }

// A Step is one action on one API definition.
type Step struct{ Action, API, Certificate, Why string }
