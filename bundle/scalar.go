package bundle

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// The rules of this file are those of go.yaml.in/yaml/v2, which the API server's readers use: YAML 1.1, with a few
// liberties. A test holds each against it.

// words are the plain scalars that mean something else.
var words = map[string]any{
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true, "true": true, "True": true, "TRUE": true, "on": true, "On": true, "ON": true,
	"n": false, "N": false, "no": false, "No": false, "NO": false, "false": false, "False": false, "FALSE": false, "off": false, "Off": false, "OFF": false,
	"": nil, "~": nil, "null": nil, "Null": nil, "NULL": nil,
	".nan": math.NaN(), ".NaN": math.NaN(), ".NAN": math.NaN(),
	".inf": math.Inf(1), ".Inf": math.Inf(1), ".INF": math.Inf(1), "+.inf": math.Inf(1), "+.Inf": math.Inf(1), "+.INF": math.Inf(1),
	"-.inf": math.Inf(-1), "-.Inf": math.Inf(-1), "-.INF": math.Inf(-1),
}

// hints tell by the first character what a plain scalar may be: 0 a text only, 'w' a word, 'n' a number.
var hints = func() (table [256]byte) {
	for _, c := range "yYnNtTfFoO~" {
		table[c] = 'w'
	}
	for _, c := range "+-.0123456789" {
		table[c] = 'n'
	}
	return
}()

// numeric are the characters that a number can hold.
var numeric = func() (table [256]bool) {
	for _, c := range "0123456789abcdefABCDEFxXoO_+-." {
		table[c] = true
	}
	return
}()

// isText says of most plain scalars that are texts that they are, cheaply.
func isText(text []byte) bool {
	switch hints[text[0]] {
	case 0:
		return true
	case 'w':
		_, word := words[string(text)]
		return !word
	}
	for _, c := range text {
		if !numeric[c] {
			_, word := words[string(text)]
			return !word
		}
	}
	return false
}

var yamlFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// resolve is the value of a plain scalar: nil, bool, int64, uint64, float64 or string. What looks like a time is a
// string, as it has always been.
func resolve(text string) any {
	if text == "" {
		return nil
	}
	hint := hints[text[0]]
	if hint == 0 {
		return text
	}
	if value, ok := words[text]; ok {
		return value
	}
	switch {
	case hint == 'w':
		return text
	case text[0] == '.':
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
		return text
	}
	number := strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(number, 0, 64); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(number, 0, 64); err == nil {
		return u
	}
	if yamlFloat.MatchString(number) {
		if f, err := strconv.ParseFloat(number, 64); err == nil {
			return f
		}
	}
	if binary, ok := strings.CutPrefix(number, "0b"); ok {
		if i, err := strconv.ParseInt(binary, 2, 64); err == nil { // 0b-1
			return i
		}
	}
	return text
}

// appendScalar writes what resolve gives; false means that JSON has no such number.
func appendScalar(out []byte, value any) ([]byte, bool) {
	switch value := value.(type) {
	case string:
		return appendString(out, value), true
	case int64:
		return strconv.AppendInt(out, value, 10), true
	case uint64:
		return strconv.AppendUint(out, value, 10), true
	}
	data, err := json.Marshal(value) // floats have rules of their own
	return append(out, data...), err == nil
}

// keyText is the text of a key that is no string; false means that there is none.
func keyText(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool:
		return strconv.FormatBool(value), true
	case int64:
		return strconv.FormatInt(value, 10), true
	case float64:
		switch text := strconv.FormatFloat(value, 'g', -1, 32); text {
		case "+Inf":
			return ".inf", true
		case "-Inf":
			return "-.inf", true
		case "NaN":
			return ".nan", true
		default:
			return text, true
		}
	}
	return "", false
}
