package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/meshscenario/scenario/nearest"
)

// written says of what type a value is.
func written(v *value) string {
	switch v.token.(type) {
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	}
	if v.token == byte('[') {
		return "a list"
	}
	return "an object"
}

// wanted says what cfssl reads into a type.
func wanted(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return "a time such as \"2027-01-31T00:00:00Z\""
	case reflect.TypeFor[regexp.Regexp]():
		return "a string"
	case reflect.TypeFor[big.Int]():
		return "a whole number"
	}
	switch t.Name() { // of packages that are cfssl's business
	case "LintStatus":
		return "a word such as \"error\""
	case "OID":
		return "an object identifier such as \"1.2.840.113549\""
	}
	switch t.Kind() {
	case reflect.String, reflect.Interface:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	}
	return "a whole number"
}

// plain is what an error says, without the names of the standard library's own types.
func plain(err error) string {
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) {
		return typed.Value + " is too large, or not whole"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// didYouMean is the fix for a name that is not known.
func didYouMean(name string, known []string, otherwise string) string {
	if n := nearest.Of(name, known); n != "" {
		return fmt.Sprintf("Write %q", n)
	}
	return otherwise
}
