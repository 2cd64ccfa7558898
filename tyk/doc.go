// Package tyk is the service mesh of tyk-k8s, as its last code has it: the annotations, the controller's configuration,
// what injection does to a pod and a Service, the two API definitions of a workload, who may call whom, and the renewal
// of certificates.
//
// The project is legacy: its repository was closed in 2021, and before it serves its webhook it waits for Ingresses of
// networking.k8s.io/v1beta1, which no API server has had since 1.22. (The webhook's own v1beta1 questions are still asked of
// those that say so.) What stands here is true of that code
// (https://github.com/TykTechnologies/tyk-k8s, c3e3095), also where its documents say otherwise.
//
// The package is pure: it reads no file, no cluster and no clock, and knows nothing of bundles, targets and findings.
package tyk
