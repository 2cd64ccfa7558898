// Package traffic says where a request goes in a mesh, from the files alone: hop by hop which listener, route and service
// of a proxy it meets, what TLS is around it, who verifies whom, and which object decided it.
//
// It follows istiod's own way of turning objects into Envoy's configuration (listeners by service and port, HTTP routes by
// virtual host, rules by host and namespace), and then Envoy's way of using that. What differs between versions it asks a
// gate of package mesh. It knows no scenario, no severity and no wording of findings.
//
// An [Index] is a bundle made ready; [Index.Walk] is a pure function of it and a request. What the files cannot tell has
// the outcome unknown, and says why.
package traffic
