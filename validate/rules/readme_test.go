package rules

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/meshscenario/scenario/validate"
)

// TestReadme holds that the tables name rules that there are.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile("README.adoc")
	if err != nil {
		t.Fatal(err)
	}
	ids := regexp.MustCompile(`MSH[0-9]{3}`).FindAllString(string(data), -1)
	if len(ids) < 50 {
		t.Errorf("only %d rules named", len(ids))
	}
	for _, id := range ids {
		if !slices.ContainsFunc(All, func(r *validate.Rule) bool { return r.ID == id }) {
			t.Errorf("%s is no rule", id)
		}
	}
}
