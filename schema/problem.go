package schema

// A Severity is as validate has it.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// A Kind says what sort of a problem it is, for who wants to treat them alike.
type Kind string

// The kinds of problems.
const (
	UnknownField Kind = "unknown-field" // the API does not know the field: refused, or dropped
	WrongType    Kind = "wrong-type"
	WrongValue   Kind = "wrong-value"   // of the right type, and not allowed
	Missing      Kind = "missing"       // a field that must be there
	Contradicts  Kind = "contradiction" // fields that cannot be together
	NotYet       Kind = "version"       // the target's version does not know it
	Outdated     Kind = "deprecated"
	Ineffective  Kind = "no-effect" // taken, and not done
	Gap          Kind = "gap"       // a text that is still to be filled in
)

// The rule of the catalogue for what no other rule is about.
const general = "MSH128"

// A Problem is one thing wrong in an object.
type Problem struct {
	// Rule is the rule of the catalogue that it belongs to: MSH101 to MSH128.
	Rule     string
	Kind     Kind
	Severity Severity
	// Field is where it is, as bundle.Object.At takes it.
	Field string
	// Message says what is wrong, Consequence what comes of it, and Fix how to mend it; the last two may be empty.
	Message     string
	Consequence string
	Fix         string
	// Nearest is the field or value that was probably meant, or "".
	Nearest string
	// Dropped says that an API server that is not asked to be strict drops the field, and takes the rest.
	Dropped bool
	// Edits mend it, together; Safe says that they change nothing else, and that nobody has to choose.
	Edits []Edit
	Safe  bool
}

// An Edit changes one field of the object.
type Edit struct {
	Field string
	Value any // as JSON; nil removes the field
}
