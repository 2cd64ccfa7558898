// Package apiserver holds what scenario renders against a real Kubernetes API server: what people would see when they
// apply it by oc, and what the server has kept of it.
//
// It is all tests, in a module of its own, for Kubernetes' dependencies and the product's do not go together: the
// product takes part as a program. There are no controllers here, so it says nothing of what a bundle does, and none of
// the webhooks that istiod and the operators bring.
package apiserver
