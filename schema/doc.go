// Package schema says what the API server and Istio would refuse of an object, or drop, or take and not do: one object
// at a time, offline, for the version of a target.
//
// It holds the CRDs of every Istio that a target has, of Maistra, of the Sail operator and of OpenShift's Routes; the few
// rules that they state in CEL are written in Go. Istio's own validation, which a webhook runs in a cluster, is Istio's
// code. Of kinds that are not known here nothing is said.
//
// What is wrong comes with the edits that mend it, where what is written leaves one way to do so.
//
// It does not know other objects: what needs two of them belongs to traffic and to the rules.
package schema
