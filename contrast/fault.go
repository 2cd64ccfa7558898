package contrast

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Kind is what sort of mistake a [Fault] is.
type Kind string

const (
	EntrySyntax    Kind = "entry-syntax"
	NameEmpty      Kind = "name-empty"
	NameSyntax     Kind = "name-syntax"
	NameTaken      Kind = "name-taken"
	NameReserved   Kind = "name-reserved"
	PortSyntax     Kind = "port-syntax"
	PortRange      Kind = "port-range"
	PortTaken      Kind = "port-taken"
	PortReserved   Kind = "port-reserved"
	TLSSyntax      Kind = "tls-syntax"
	ListenSyntax   Kind = "listen-syntax"
	ListenOutside  Kind = "listen-outside"
	ListenTaken    Kind = "listen-taken"
	ListenReserved Kind = "listen-reserved"
	RemoteSyntax   Kind = "remote-syntax"
	RemoteSelf     Kind = "remote-self"
	RemoteIPv6     Kind = "remote-ipv6"
	SaysDisabled   Kind = "disabled"
)

// A Field is one of the strings that the sidecar reads.
type Field string

const (
	InIngress   Field = "ingress"
	InEgress    Field = "egress"
	InAdminPort Field = "admin-port"
)

// The parts of an entry, as [Fault.Part].
const (
	NamePart   = "name"
	PortPart   = "port"
	TLSPart    = "tls"
	ListenPart = "listen"
	RemotePart = "remote"
)

// A Fault is a mistake in one of the strings, or in the model of one.
type Fault struct {
	Kind  Kind   `json:"kind"`
	Field Field  `json:"field"`
	Entry int    `json:"entry"`          // from 0, empty ones not counted; -1 is the admin port, which has none
	Part  string `json:"part,omitempty"` // "" is the whole entry
	// Offset and Length are the wrong bytes of the string. Of a model both are 0.
	Offset int `json:"offset"`
	Length int `json:"length"`
	// What is wrong, why that is so, and how to mend it: phrases without a period.
	What string `json:"what"`
	Why  string `json:"why"`
	Fix  string `json:"fix"`
	// Stricter says that the sidecar itself starts with it, and does something else than what was probably meant.
	Stricter bool `json:"stricter"`
}

// Place is where it is in a [Config], as egress[1].remote; a string's first entry is [0].
func (f *Fault) Place() string {
	at := string(f.Field)
	if f.Entry >= 0 {
		at += fmt.Sprintf("[%d]", f.Entry)
	}
	if f.Part != "" {
		at += "." + f.Part
	}
	return at
}

func (f *Fault) Error() string { return f.Place() + ": " + f.What + ": " + f.Why }

// Faults are the mistakes of a configuration: those of the ingress, of the egress and of the admin port, in the order in
// which they stand.
type Faults []*Fault

func (f Faults) Error() string {
	var lines []string
	for _, fault := range f {
		lines = append(lines, fault.Error())
	}
	return strings.Join(lines, "\n")
}

// Crash tells whether the sidecar does not start with them.
func (f Faults) Crash() bool {
	return slices.ContainsFunc(f, func(fault *Fault) bool { return !fault.Stricter })
}

// FaultsOf are the faults that an error of this package is; nil of any other, and of nil.
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
