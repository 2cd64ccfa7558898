package tyk

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// misread says what of an API definition is no JSON, or of another type, in words of JSON: never with what is written there.
func misread(err error) error {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return fmt.Errorf("no API definition: no JSON: %w", err)
	}
	want := "a number"
	switch wrong.Type.Kind() {
	case reflect.String:
		want = "a text"
	case reflect.Bool:
		want = "true or false"
	case reflect.Slice:
		want = "a list"
	case reflect.Struct, reflect.Map:
		want = "an object"
	}
	field := strings.TrimPrefix(wrong.Field, "definition.") // the struct that is embedded
	if field == "" {
		return fmt.Errorf("no API definition: %s is wanted", want)
	}
	return fmt.Errorf("no API definition: %s: %s is wanted here", field, want)
}
