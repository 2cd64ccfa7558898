// Package policy holds a bundle against rules of the user's own: files of expressions in CEL (the Common Expression
// Language, which Kubernetes uses for admission policies too) over objects, paths and hops.
//
// [Load] reads the files and checks every expression against the types of what it may see; [Set.Check] evaluates them.
// README.adoc is the reference for who writes rules. The package knows no flags and no formats, and reads nothing but
// the files of rules; what CEL is, only it knows.
package policy
