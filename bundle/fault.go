package bundle

// A fault is what is wrong at a place of the input. A zero column is not known.
type fault struct {
	line, column int
	message      string
}

// What several readers find wrong.
const (
	alreadySet     = "key %q is already set in line %d: keep one of the two"
	tooDeep        = "nested more than %d levels deep"
	tooManyAliases = "aliases make this document far larger than it is written: write out what they stand for"
	isTemplate     = "this is a template, not YAML: render it first"
)
