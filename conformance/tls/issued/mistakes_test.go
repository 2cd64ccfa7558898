package issued

import (
	"testing"

	handshake "github.com/meshscenario/scenario/conformance/tls"
)

// A mistake is one that an owner makes with what the other mesh must be believed by.
type mistake struct {
	what string
	make func(t testing.TB, j *joined)
	// by is who refuses the TLS that crosses the border, saying that; "" where certificates alone do not tell.
	by     handshake.Side
	saying string
	// named says that the client's name keeps it out.
	named bool
	// unseen says that what is wrong is not in the files that validate reads.
	unseen bool
}

const (
	noAuthority   = "authority"
	noCertificate = "The SSL certificate error"
)

// ofSharedRoot are those of meshes that trust one root.
var ofSharedRoot = []mistake{
	{what: "the caller's mesh is under a root of its own", by: handshake.TheClient, saying: noAuthority,
		make: func(t testing.TB, j *joined) { j.sharedRoot(t, "another", j.importer) }},
	{what: "the exporter's mesh is under a root of its own", by: handshake.TheClient, saying: noAuthority,
		make: func(t testing.TB, j *joined) { j.sharedRoot(t, "another", j.exporter) }},
	// istiod hands out what it is given: to know both roots is a step of a rotation, which the other mesh has not done.
	{what: "the caller's mesh is under a root that the exporter's does not know", by: handshake.TheServer, saying: noCertificate, unseen: true,
		make: func(t testing.TB, j *joined) {
			j.sharedRoot(t, "another", j.importer)
			j.importer.believes(t, j.exporter.roots)
		}},
	{what: "the exporter's cacerts lacks the chain", by: handshake.TheClient, saying: noAuthority, unseen: true,
		make: func(_ testing.TB, j *joined) { j.exporter.chain = nil }},
	{what: "the caller's cacerts lacks the chain", by: handshake.TheServer, saying: noCertificate, unseen: true,
		make: func(_ testing.TB, j *joined) { j.importer.chain = nil }},
}

// ofTrustDomains are those of meshes under one root that differ in their trust domains: names tell all.
var ofTrustDomains = []mistake{
	{what: "the caller's owner was told another trust domain", by: handshake.TheClient, saying: "the certificate is for",
		make: func(t testing.TB, j *joined) { j.differently(t, j.importer, "--set", "trustDomain", "other.example") }},
	{what: "the exporter's owner was told another trust domain", named: true,
		make: func(t testing.TB, j *joined) { j.differently(t, j.exporter, "--set", "trustDomain", "other.example") }},
}

// ofFederation are those of meshes that have exchanged their roots.
var ofFederation = []mistake{
	{what: "the caller's ConfigMap holds its own root", by: handshake.TheClient, saying: noAuthority,
		make: func(t testing.TB, j *joined) { j.swapRoot(t, j.importer) }},
	{what: "the exporter's ConfigMap holds its own root", by: handshake.TheServer, saying: noCertificate,
		make: func(t testing.TB, j *joined) { j.swapRoot(t, j.exporter) }},
	{what: "the caller's owner was told another trust domain", by: handshake.TheClient, saying: noAuthority,
		make: func(t testing.TB, j *joined) { j.differently(t, j.importer, "--set", "trustDomain", "other.example") }},
	{what: "the exporter's owner was told another trust domain", by: handshake.TheServer, saying: noCertificate, named: true,
		make: func(t testing.TB, j *joined) { j.differently(t, j.exporter, "--set", "trustDomain", "other.example") }},
	{what: "the exporter's owner was told another control plane", named: true,
		make: func(t testing.TB, j *joined) { j.differently(t, j.exporter, "--set", "namespace", "elsewhere") }},
	{what: "both meshes have one root", unseen: true,
		make: func(t testing.TB, j *joined) {
			j.exporter.signer, j.exporter.roots = j.importer.signer, j.importer.roots
			j.exporter.writesRoot(t, j.dir)
			j.swapRoot(t, j.importer)
		}},
}
