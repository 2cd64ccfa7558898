package waive

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestSchema: the schema has the fields that are read, no fewer and no more.
func TestSchema(t *testing.T) {
	type schema struct {
		Properties           map[string]*schema
		Items                *schema
		OneOf                []*schema
		AdditionalProperties any
	}
	var root schema
	if err := json.Unmarshal(Schema, &root); err != nil {
		t.Fatal(err)
	}
	data, _ := json.Marshal(root.Properties["rules"].AdditionalProperties)
	var rule schema
	if err := json.Unmarshal(data, &rule); err != nil {
		t.Fatal(err)
	}
	for text, s := range map[string]*schema{
		"zzzzzzzz: 1":                    &root,
		"ignore: [{zzzzzzzz: 1}]":        root.Properties["ignore"].Items,
		"rules: {MSH313: {zzzzzzzz: 1}}": rule.OneOf[1],
	} {
		_, err := ReadConfig("c", []byte(text), known)
		_, list, _ := strings.Cut(strings.Split(err.Error(), "\n")[0], "known are ")
		read := strings.Split(list, ", ")
		slices.Sort(read)
		if has := slices.Sorted(maps.Keys(s.Properties)); s.AdditionalProperties != false || !slices.Equal(read, has) {
			t.Errorf("%s: the schema has %v, read are %v", text, has, read)
		}
	}
}
