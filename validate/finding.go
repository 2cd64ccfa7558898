package validate

import (
	"cmp"
	"slices"

	"github.com/meshscenario/scenario/bundle"
)

// A Severity answers one question: does the traffic flow, as protected as was asked for?
type Severity string

const (
	Error   Severity = "error"   // it does not flow, or flows unprotected where protection was asked for
	Warning Severity = "warning" // it works by luck, on some versions, or promises less than it seems to
	Info    Severity = "info"    // it could be simpler, or the files cannot prove it
)

// Severities lists them, the gravest first.
var Severities = []Severity{Error, Warning, Info}

// AtLeast tells whether a severity is as grave as another.
func (s Severity) AtLeast(other Severity) bool {
	return slices.Index(Severities, s) <= slices.Index(Severities, other)
}

// A Category is a word by which programs sort findings; unlike rules, there will not be many more.
type Category string

// The categories.
const (
	DoubleTLS       Category = "double-tls"
	PlaintextToTLS  Category = "plaintext-to-tls"
	TLSToPlaintext  Category = "tls-to-plaintext"
	Protocol        Category = "protocol-mismatch"
	NoServiceEntry  Category = "missing-serviceentry"
	NoRoute         Category = "missing-route"
	Dangling        Category = "dangling-reference"
	GatewayTLS      Category = "gateway-tls-mismatch"
	NoSecret        Category = "secret-missing"
	SecretNamespace Category = "secret-namespace"
	SNI             Category = "sni-mismatch"
	SAN             Category = "san-mismatch"
	CA              Category = "ca-mismatch"
	Expired         Category = "cert-expired"
	Unverified      Category = "unverified-server"
	MeshTLSOutside  Category = "mtls-to-nonmesh"
	Scope           Category = "export-scope"
	WildcardDNS     Category = "wildcard-dns"
	Duplicate       Category = "duplicate-host"
	Termination     Category = "route-termination-mismatch"
	Schema          Category = "schema-error"
	Peer            Category = "federation-peer"
	Other           Category = "other"
)

// A Place is an object, and a field of it, as far as it is known where they are written.
type Place struct {
	Object Object `json:"object"`
	Field  string `json:"field,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// An Object names an object of the bundle; what does not belong to one is empty.
type Object struct {
	Kind      string `json:"kind,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
}

// String writes the object for people: "ServiceEntry shop/ext".
func (o Object) String() string {
	return bundle.ID{Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}.String()
}

// A Call is the request that shows a finding.
type Call struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Others is how many more requests of the bundle meet the same mistake.
	Others int `json:"others,omitempty"`
}

// A Finding is one thing that is wrong in the user's bundle.
type Finding struct {
	Rule     string   `json:"rule"` // MSHnnn, or the ID of a rule of the user's own
	Name     string   `json:"name"`
	Category Category `json:"category"`
	Severity Severity `json:"severity"`
	Place
	// Message says what is wrong, Consequence what the user will see at run time, and Fix how to mend it, each in a
	// sentence or two about the user's own objects, without a full stop at the end of the last.
	Message     string `json:"message"`
	Consequence string `json:"consequence,omitempty"`
	Fix         string `json:"fix,omitempty"`
	// Related are the other objects that the mistake needs.
	Related []Place `json:"related,omitempty"`
	// Request and Hop are of what shows the mistake; hops count from 1, and 0 is none.
	Request *Call `json:"request,omitempty"`
	Hop     int   `json:"hop,omitempty"`
	// Edits mend the bundle, where there is one way to do so. Safe ones change nothing else.
	Edits []Edit `json:"edits,omitempty"`
	Safe  bool   `json:"safe,omitempty"`
	// Patch is what the edits, made alone, would change in the files. Rules leave it empty.
	Patch []Hunk `json:"patch,omitempty"`

	// Gap says that a text of the object is still to be filled in: what requests show of the object is a guess.
	Gap bool `json:"-"`

	decided []Object // the objects that had a say in the way that breaks
}

// An Edit changes one field of one object.
type Edit struct {
	Object Object `json:"object"`
	// Field is where, as bundle.Object.At takes it.
	Field string `json:"field"`
	// Value is what is written there, as JSON; null removes the field.
	Value any `json:"value"`
	// Beside is set where Object is not there yet: Value is all of it, Field is empty, and it is to lie in the file of this
	// object.
	Beside *Object `json:"beside,omitempty"`
}

// A Hunk is lines of a file that are put in the place of others.
type Hunk struct {
	File string `json:"file"`
	// Line is the first of Old, which counts from 1; where Old is empty, New comes before it.
	Line int `json:"line"`
	// Old and New are whole lines with their breaks.
	Old string `json:"old"`
	New string `json:"new"`
}

// Compare puts findings in the order of their places, the gravest first in one place.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(slices.Index(Severities, a.Severity), slices.Index(Severities, b.Severity)),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Object.String(), b.Object.String()), cmp.Compare(a.Message, b.Message),
	)
}
