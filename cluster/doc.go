// Package cluster reads a bundle from a running cluster: the kinds that package bundle knows and those beside them that
// decide where requests go, as the API server holds them now.
//
// It only reads: whatever is no GET is refused before it leaves. It knows kubeconfigs, discovery and pages, and nothing
// of a mesh; who calls says which namespaces count. It keeps no private key: [Read] says what is left of a Secret.
package cluster
