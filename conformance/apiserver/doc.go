// Package apiserver holds what scenario renders against a real Kubernetes API server: what people would see when they
// apply it by oc, and what the server has kept of it.
//
// It is all tests, in a module of its own, for Kubernetes' dependencies and the product's do not go together: the
// product takes part as a program. There are no controllers here, so it says nothing of what a bundle does, and none of
// the webhooks that istiod and the operators bring.
//
//	go test -count=1 -timeout 30m -parallel 3               everything, with a summary; 3 planes keep 2 cores busy
//	go test -count=1 -run TestTargets/ossm-2.6/1b_mutual    one cell of the catalogue on one target
//
// The first build of the API server takes minutes. The CRDs of Maistra and Sail are found by SCENARIO_SHARED.
package apiserver
