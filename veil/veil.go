// Package veil tells what stands in a file for a secret value from the value: what SOPS has encrypted, and what a template,
// plugin or person fills in when the file is applied.
package veil

import (
	"bytes"
	"regexp"
	"slices"
)

// Two ways to write in a file that a value comes from elsewhere when the file is applied: a text that as a whole is
// encrypted, a reference or an empty form, and a text with a variable in it.
var (
	veils = regexp.MustCompile(`(?is)^(ENC\[.*\]|vault:.+|ref\+.+|op://.+|\$ANSIBLE_VAULT.*|<.*>|\[.*\]|\$\w+|%\w+%|@\w+@|@@\w+@@|__\w+__|\*+|x{3,}|-{2,}|` +
		`(please[ _-])?(change|replace|redact|placeholder|dummy|todo|tbd|fake|sample|example|your|my|insert|put|paste|fill|encoded|base64|secret|omitted|hidden|none|null|foo|bar)[\w .:/-]{0,80})$`)
	variables = regexp.MustCompile(`\{\{|\$\{|\$\(|\(\(|#\{|\[\[|<path:|\.\.\.|…`)
	capitals  = regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)+$`)
)

// Is tells whether a value is not the material, but stands for it: SOPS has encrypted it, or a template or plugin
// fills it in. Nothing can be said of it then.
func Is(value []byte) bool {
	value = bytes.TrimSpace(value)
	if len(value) == 0 || bytes.Contains(value, []byte("-----BEGIN ")) {
		return false
	}
	return len(value) < 1<<16 && (veils.Match(value) || capitals.Match(value)) || variables.Match(value) && printable(value)
}

// printable tells a text from what only happens to hold the bytes of one.
func printable(value []byte) bool {
	return !slices.ContainsFunc(value, func(b byte) bool { return b < ' ' && b != '\n' && b != '\r' && b != '\t' })
}

// Body tells whether the body of a block of PEM is an empty form: a certificate or key that was cut out of a text.
func Body(body []byte) bool {
	body = bytes.TrimSpace(body)
	return variables.Match(body) || veils.Match(body)
}
