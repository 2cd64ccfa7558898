// Package lint finds mistakes in the files that cfssl reads: its configuration (signing, auth_keys, remotes) and its
// certificate requests (CN, hosts, key, ca).
//
// What cfssl v1.6.5 refuses is found here as an error, and so is what it takes without a word and that leaves its CA open
// or its certificates useless. It reads one text at a time, and neither the files and variables that the text names nor the
// clock. Keys are never repeated in what it says.
package lint

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A Severity says what a mistake leads to.
type Severity string

const (
	Error   Severity = "error"   // cfssl refuses the file, signs for whoever asks, or signs what nobody accepts
	Warning Severity = "warning" // it works, and promises more than it keeps or less than was written
	Info    Severity = "info"    // the file cannot prove it
)

// A Finding is one mistake in one file.
type Finding struct {
	Check    string // a word for programs, such as open-profile
	Severity Severity
	File     string
	// Line and Column are where the field is written, of a missing one where its parent is. Both count from 1, columns in
	// characters.
	Line, Column int
	Field        string // such as signing.profiles.server.expiry; "" is the whole file
	// Message says what is wrong, Consequence what comes of it, and Fix how to mend it; the last sentence of each has no
	// full stop.
	Message, Consequence, Fix string
}

// A Kind says what a file is to cfssl.
type Kind string

const (
	Config  Kind = "configuration"
	Request Kind = "certificate request"
)

// A Result is what was found in one file.
type Result struct {
	Kind     Kind
	Findings []Finding // by their places
	// Guarded says that a profile of a configuration asks for an auth_key: it is for a server that signs for others.
	Guarded bool
}

// File looks at one file: name is for messages, now for what may have expired. It fails where the text is not JSON, or
// neither of the two kinds of file, with an error that begins with the place.
func File(name string, text []byte, now time.Time) (Result, error) {
	root, err := parse(name, text)
	if err != nil {
		return Result{}, err
	}
	l := &linter{file: name, text: text, now: now}
	result := Result{Kind: kindOf(root)}
	switch result.Kind {
	case Config:
		result.Guarded = l.config(root)
	case Request:
		l.request(root)
	default:
		return Result{}, fmt.Errorf("%s:%d:%d: neither a configuration of cfssl (signing, auth_keys, remotes) nor a certificate request (CN, names, hosts, key, ca)", name, root.line, root.column)
	}
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Check, b.Check))
	})
	result.Findings = l.findings
	return result, nil
}

// A linter looks at one file.
type linter struct {
	file     string
	text     []byte
	now      time.Time
	findings []Finding
	refused  bool   // something was found that explains why cfssl refuses the file
	refusal  string // what it means that it does
}

// add reports a mistake at a value.
func (l *linter) add(s Severity, check string, at *value, message, consequence, fix string) {
	l.findings = append(l.findings, Finding{
		Check: check, Severity: s, File: l.file, Line: at.line, Column: at.column, Field: at.field,
		Message: message, Consequence: consequence, Fix: fix,
	})
}

// said tells whether one of these mistakes was found: what follows from it is none of its own.
func (l *linter) said(checks ...string) bool {
	return slices.ContainsFunc(l.findings, func(f Finding) bool { return slices.Contains(checks, f.Check) })
}

// refuse reports a mistake for which cfssl refuses the file.
func (l *linter) refuse(check string, at *value, message, fix string) {
	l.refused = true
	l.add(Error, check, at, message, l.refusal, fix)
}
