// Package handshake does the TLS of one hop for real: a client that is set up as Envoy would be calls nginx on loopback,
// and a Result says whether the hop works, and if not, which side refused and why.
//
// Handshakes, certificates, alerts and HTTP answers are real; only Envoy's rules for verifying a server, which differ
// from those of crypto/tls, are written down here. The package knows nothing of meshes: who calls whom with what, the
// caller says. A gateway that passes on what it has decrypted is two hops, and two calls.
//
// One nginx for everything is the cheapest: let each group of servers have a port of its own. It runs on Linux, and needs
// nginx 1.21.4 or later.
package handshake
