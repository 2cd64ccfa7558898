package schema

import "encoding/base64"

// formats are those of texts that the CRDs name and the API server looks at.
var formats = map[string]struct {
	name  string
	holds func(s string) bool
}{
	"byte": {"base64", func(s string) bool {
		_, err := base64.StdEncoding.DecodeString(s)
		return err == nil
	}},
}

func hasFormat(s, format string) bool {
	f, known := formats[format]
	return !known || f.holds(s)
}
