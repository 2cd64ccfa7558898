package contrast

import (
	"errors"
	"fmt"
	"strings"
)

// A Kind is what sort of mistake a [Fault] is.
type Kind string

const (
	Syntax         Kind = "syntax"
	PortRange      Kind = "port-range"
	NameEmpty      Kind = "name-empty"
	NameSyntax     Kind = "name-syntax" // only of a [Config] that is not written yet: # ends a name
	NameTaken      Kind = "name-taken"
	NameReserved   Kind = "name-reserved"
	PortTaken      Kind = "port-taken"
	ListenSyntax   Kind = "listen-syntax"
	ListenTaken    Kind = "listen-taken"
	ListenReserved Kind = "listen-reserved"
	RemoteSyntax   Kind = "remote-syntax"
	RemoteSelf     Kind = "remote-self"
	TLSSyntax      Kind = "tls-syntax"
	SaysDisabled   Kind = "disabled"
)

// A Field is one of the strings that the sidecar reads.
type Field string

const (
	InIngress   Field = "ingress"
	InEgress    Field = "egress"
	InAdminPort Field = "admin-port"
)

// A Fault is a mistake in one of the strings, or in the model of one.
type Fault struct {
	Kind  Kind   `json:"kind"`
	Field Field  `json:"field"`
	Entry int    `json:"entry"`          // from 0; -1 where it is about the whole string
	Part  string `json:"part,omitempty"` // name, port, tls, listen or remote; "" is the whole entry
	// Offset and Length are the wrong bytes of the string. Of a model they are zero.
	Offset int `json:"offset"`
	Length int `json:"length"`
	// What is wrong, what the sidecar makes of it, and how to mend it.
	What string `json:"what"`
	Why  string `json:"why"`
	Fix  string `json:"fix"`
	// Stricter says that the sidecar itself takes it.
	Stricter bool `json:"stricter"`
}

func (f *Fault) Error() string {
	at := string(f.Field)
	if f.Entry >= 0 {
		at += fmt.Sprintf("[%d]", f.Entry)
	}
	if f.Part != "" {
		at += "." + f.Part
	}
	return at + ": " + f.What + ": " + f.Why
}

// Faults are the mistakes of a configuration, as they stand in it.
type Faults []*Fault

func (f Faults) Error() string {
	var lines []string
	for _, fault := range f {
		lines = append(lines, fault.Error())
	}
	return strings.Join(lines, "\n")
}

func (f Faults) Unwrap() []error {
	var all []error
	for _, fault := range f {
		all = append(all, fault)
	}
	return all
}

// Crash tells whether the sidecar does not start with them.
func (f Faults) Crash() bool {
	for _, fault := range f {
		if !fault.Stricter {
			return true
		}
	}
	return false
}

// FaultsOf are the faults that an error of this package holds.
func FaultsOf(err error) Faults {
	var faults Faults
	errors.As(err, &faults)
	return faults
}

// err is nil where there are none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
