// Package handshake does the TLS of one hop for real: a client that is set up as Envoy would be calls nginx on loopback,
// and a Result says whether the hop works, and if not, which side refused and why.
//
//	authority, _ := handshake.NewAuthority("partner")
//	certificate, _ := authority.Issue(handshake.Leaf{DNS: []string{"api.partner.example"}})
//	nginx, _ := handshake.Start(ctx, dir, handshake.Port{Servers: []handshake.Server{{
//		Names: []string{"api.partner.example"}, Certificate: certificate, ClientCA: authority.PEM(),
//	}}})
//	result, _ := nginx.Try(ctx, "", handshake.Client{SNI: "api.partner.example", Roots: authority.PEM()},
//		handshake.Request{Host: "api.partner.example"})
//	// result: refused by the server, "400 No required SSL certificate was sent"
//
// Handshakes, certificates, alerts and HTTP answers are real; only Envoy's rules for verifying a server, which differ
// from those of crypto/tls, are written down here. The package knows nothing of meshes: who calls whom with what, the
// caller says. It runs on Linux, and needs nginx (1.21.4 or later) on the PATH or in /usr/sbin.
package handshake
