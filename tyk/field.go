package tyk

import "strings"

// field is the type of a field of API definitions, "" where it is not listed but may be.
func field(path string) (kind string, known bool) {
	steps := strings.Split(path, ".")
	if len(steps) > 2 && steps[0] == "version_data" && steps[1] == "versions" {
		steps[2] = "*"
	}
	for i := range steps {
		at := strings.Join(steps[:i+1], ".")
		if kind, known = fields[at]; !known {
			return "", i > 0 && open(strings.Join(steps[:i], "."))
		}
	}
	return kind, true
}

// open tells whether what lies below a field is not listed.
func open(path string) bool {
	if kind := fields[path]; kind != "object" && kind != "array" {
		return false
	}
	for name := range fields {
		if strings.HasPrefix(name, path+".") {
			return false
		}
	}
	return true
}

func kindOf(v any) string {
	switch v.(type) {
	case bool:
		return "bool"
	case int, float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}
