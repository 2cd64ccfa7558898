package schema

import (
	"encoding/base64"
	"strings"
)

// formats are those of texts that the API server looks at: byte is one of OpenAPI's, the others are of what all objects
// have in common.
var formats = map[string]struct {
	holds func(s string) bool
	says  string // %q is the text
}{
	"byte": {func(s string) bool {
		_, err := base64.StdEncoding.DecodeString(s)
		return err == nil
	}, "%q is no base64"},
	"object-name":    {isObjectName, "%q is no name of an object: write small letters, digits, dashes and dots"},
	"namespace-name": {func(s string) bool { return s == "" || isLabel(s) }, "%q is no name of a namespace: write small letters, digits and dashes"},
	"label-value":    {func(s string) bool { return s == "" || isLabelText(s) }, "%q is no value of a label: write at most 63 letters, digits, dashes, underscores and dots, a letter or digit first and last"},
	"qualified-keys": {isQualified, "%q is no key: write NAME or PREFIX/NAME, a name of at most 63 letters, digits, dashes, underscores and dots"},
}

// isObjectName is so of labels and dots.
func isObjectName(s string) bool {
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || !onlyOf(label, "-", false) {
			return false
		}
	}
	return true
}

func isLabelText(s string) bool {
	return s != "" && len(s) <= 63 && !strings.ContainsRune("-_.", rune(s[0])) && !strings.ContainsRune("-_.", rune(s[len(s)-1])) && onlyOf(s, "-_.", true)
}

func isQualified(key string) bool {
	if prefix, name, found := strings.Cut(key, "/"); found {
		return isObjectName(strings.ToLower(prefix)) && isLabelText(name)
	}
	return isLabelText(key)
}

// onlyOf says whether a text is of letters, digits and some other characters.
func onlyOf(s, others string, capitals bool) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (!capitals || c < 'A' || c > 'Z') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}
