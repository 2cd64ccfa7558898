package rules

import (
	"bytes"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

func runExample(t *testing.T, data []byte, o validate.Options) (*bundle.Bundle, validate.Result) {
	t.Helper()
	b, err := bundle.Read("example.yaml", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	result, err := validate.Run(b, o)
	if err != nil {
		t.Fatal(err)
	}
	return b, result
}

// TestRenamedEverywhere holds the edits for a wrong name of a gateway to every place where a VirtualService has it.
func TestRenamedEverywhere(t *testing.T) {
	a, err := Archive("MSH401")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse(a).Files {
		if f.Name != "bad.yaml" {
			continue
		}
		o, _ := readExample(t, f)
		_, result := runExample(t, f.Data, o)
		i := slices.IndexFunc(result.Findings, func(one validate.Finding) bool { return one.Rule == "MSH401" })
		if i < 0 || len(result.Findings[i].Edits) != 2 {
			t.Errorf("want edits of spec.gateways and of one match, found %+v", result.Findings)
		}
	}
}
