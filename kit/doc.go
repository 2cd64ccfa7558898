// Package kit makes the whole kit of a scenario: its manifests in the order of applying, and the scripts that apply, try
// and undo them.
//
// It is pure: from definitions and a rendered bundle to files. It knows no cluster, no clock and no keys: scripts name
// the command that makes the Secrets.
package kit
