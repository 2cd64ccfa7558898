package pki

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

// Veiled tells whether a value is not the material, but stands for it: SOPS has encrypted it, or a template or plugin
// fills it in. Nothing can be said of it then.
func Veiled(value []byte) bool {
	value = bytes.TrimSpace(value)
	if len(value) == 0 || bytes.Contains(value, begin) {
		return false
	}
	return len(value) < 1<<16 && (veils.Match(value) || capitals.Match(value)) || variables.Match(value) && printable(value)
}

// printable tells a text from what only happens to hold the bytes of one.
func printable(value []byte) bool {
	return !slices.ContainsFunc(value, func(b byte) bool { return b < ' ' && b != '\n' && b != '\r' && b != '\t' })
}

// stands tells whether the body of a block is an empty form: a certificate or key that was cut out of a text.
func stands(body []byte) bool {
	body = bytes.TrimSpace(body)
	return variables.Match(body) || veils.Match(body)
}
