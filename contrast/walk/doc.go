// Package walk follows requests through the service mesh of Contrast, as package traffic does through Istio's: from an
// application to the socket on which its own sidecar waits, by mutual TLS to the sidecar of another workload of the same
// deployment, and in there.
//
// Nothing of what a pod sends is captured. An application that calls the remote's own name goes past its sidecar, and
// what it sends arrives, or not, as it was sent.
package walk
