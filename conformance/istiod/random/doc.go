// Package random makes bundles that nobody would write down by hand, and requests to follow in them, for tests that
// hold a model of the mesh against Istio's own code.
//
// It knows the fields of Istio's API and what people tend to write in them. It does not know, and must not, what any
// of it does to a request: a generator that knew would leave out what the model's author did not think of.
package random
