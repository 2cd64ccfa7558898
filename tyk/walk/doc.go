// Package walk follows requests through Tyk's service mesh, as package traffic does through Istio's: from an application
// into its own sidecar, by the mesh API to the sidecar of another workload, and by the inbound API to that one's
// application.
//
// Pods and Services are followed as the injector leaves them ([tyk.PreviewPods]), and sidecars route as the gateway of
// their image does (https://github.com/TykTechnologies/tyk/blob/v2.8.4/api_loader.go): by the host, then by the longest
// listen path that the path begins with.
package walk
