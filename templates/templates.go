// Package templates holds the Jsonnet sources that make objects: one file a scenario, constructors in lib.
//
// A template is a function(definition, target) that returns entries ([]{parts, why, object}); it reads nothing else.
package templates

import "embed"

// FS holds the templates: "<scenario>.jsonnet" and "lib/*.libsonnet".
//
//go:embed *.jsonnet lib/*.libsonnet
var FS embed.FS
