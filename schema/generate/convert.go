package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// copied are the words of OpenAPI that mean here what they mean there.
var copied = map[string]bool{
	"type": true, "required": true, "nullable": true, "format": true, "pattern": true, "minimum": true, "maximum": true,
	"minLength": true, "maxLength": true, "minItems": true, "maxItems": true, "minProperties": true, "maxProperties": true,
}

// conditions are the words that relate fields of one object to each other, and are copied with all that is below them.
var conditions = map[string]bool{"oneOf": true, "anyOf": true, "allOf": true, "not": true}

// silent are words that change nothing for who writes objects.
var silent = map[string]bool{"description": true, "title": true, "example": true, "x-kubernetes-map-type": true}

// schema adds a schema and all that is below it. A word that is not known is an error: it may say what is refused.
func (t *table) schema(schema map[string]any) (int, error) {
	out := map[string]any{}
	for _, word := range slices.Sorted(maps.Keys(schema)) {
		value := schema[word]
		if value == nil {
			continue
		}
		var err error
		switch {
		case copied[word]:
			out[word] = value
		case silent[word]:
		case conditions[word]:
			if word == "anyOf" && schema["x-kubernetes-int-or-string"] == true {
				break
			}
			condition, _ := out["condition"].(map[string]any)
			if condition == nil {
				condition = map[string]any{}
				out["condition"] = condition
			}
			condition[word] = filledIn(schema, value)
		case word == "enum":
			for _, v := range value.([]any) {
				if _, ok := v.(string); !ok {
					return 0, fmt.Errorf("enum value %v is no text", v)
				}
			}
			out["enum"] = value
		case word == "properties":
			fields := map[string]any{}
			children := value.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(children)) {
				if fields[name], err = t.schema(children[name].(map[string]any)); err != nil {
					return 0, fmt.Errorf("%s: %w", name, err)
				}
			}
			out["fields"] = fields
		case word == "items":
			if out["items"], err = t.schema(value.(map[string]any)); err != nil {
				return 0, fmt.Errorf("items: %w", err)
			}
		case word == "additionalProperties":
			child, ok := value.(map[string]any)
			if !ok {
				return 0, fmt.Errorf("additionalProperties: %v", value)
			}
			if out["values"], err = t.schema(child); err != nil {
				return 0, fmt.Errorf("values: %w", err)
			}
		case word == "default":
			out["default"] = true
			if text, ok := value.(string); ok {
				out["default"] = text
			}
		case word == "x-kubernetes-preserve-unknown-fields":
			out["open"] = value
		case word == "x-kubernetes-int-or-string":
			out["intOrString"] = value
		case word == "x-kubernetes-list-map-keys":
			out["keys"] = value
		case word == "x-kubernetes-list-type":
			if value == "set" {
				out["set"] = true
			}
		case word == "x-kubernetes-validations":
			var rules []any
			for _, v := range value.([]any) {
				rule := v.(map[string]any)
				text := plain(rule["rule"].(string))
				if strings.Contains(text, "oldSelf") || text == "true" {
					continue // nothing is changed here
				}
				rules = append(rules, text)
			}
			if rules != nil {
				out["rules"] = rules
			}
		default:
			return 0, fmt.Errorf("%s is not known", word)
		}
	}
	return t.add(out)
}

// filledIn notes in a condition about fields what the API server fills in where they are not written.
func filledIn(schema map[string]any, condition any) any {
	switch condition := condition.(type) {
	case []any:
		for i, child := range condition {
			condition[i] = filledIn(schema, child)
		}
	case map[string]any:
		fields, _ := schema["properties"].(map[string]any)
		for word, child := range condition {
			if word != "properties" {
				condition[word] = filledIn(schema, child)
				continue
			}
			for name, of := range child.(map[string]any) {
				field, _ := fields[name].(map[string]any)
				if text, ok := field["default"].(string); ok {
					of.(map[string]any)["default"] = text
				}
				filledIn(field, of)
			}
		}
	}
	return condition
}

// plain writes a rule of CEL in the one way that all Istios' spellings of it come down to: without white space outside
// of texts, and with double quotes.
func plain(rule string) string {
	var text strings.Builder
	var quote rune
	for _, c := range rule {
		switch {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
			c = '"'
		case c == quote:
			quote = 0
			c = '"'
		case quote == 0 && unicode.IsSpace(c):
			if s := text.String(); s == "" || !isName(s[len(s)-1]) {
				continue
			}
			c = ' ' // may part two names
		}
		text.WriteRune(c)
	}
	out := text.String()
	// Of the spaces after names only those before a name matter.
	var tidy strings.Builder
	for i := range len(out) {
		if out[i] == ' ' && i+1 < len(out) && !isName(out[i+1]) && !inQuotes(out[:i]) {
			continue
		}
		tidy.WriteByte(out[i])
	}
	return strings.TrimSpace(tidy.String())
}

func isName(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func inQuotes(s string) bool { return strings.Count(s, `"`)%2 == 1 }
