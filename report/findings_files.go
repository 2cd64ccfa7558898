package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/validate"
)

// stdin is what a file without a name is called.
const stdin = "stdin"

// position is where a place is, for people and their editors, or "" where that is not known.
func position(p validate.Place) string {
	file := p.File
	if file == "-" {
		file = stdin
	}
	return clean(bundle.Position{File: file, Line: p.Line, Column: p.Column}.String())
}

// path names a file from the root of the repository, with forward slashes; of one outside it is the absolute name.
func (f Findings) path(file string) string {
	switch file {
	case "", "-":
		return strings.Replace(file, "-", stdin, 1)
	}
	name := filepath.Clean(file)
	if f.Dir == "" || f.Root == "" {
		return filepath.ToSlash(name)
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(f.Dir, name)
	}
	if within, err := filepath.Rel(f.Root, name); err == nil && filepath.IsLocal(within) {
		name = within
	}
	return filepath.ToSlash(name)
}

// fingerprints give each finding a word that stays as lines move, other findings come and go, and rules are worded
// anew: it is made of the rule, the file, the objects and their fields. Where findings share all of that, they are
// counted in their order.
func (f Findings) fingerprints(all []validate.Finding) []string {
	prints := make([]string, len(all))
	same := map[string]int{}
	for i, x := range all {
		parts := []string{x.Rule, f.path(x.File), x.Object.String(), x.Field}
		for _, p := range x.Related {
			parts = append(parts, f.path(p.File), p.Object.String(), p.Field)
		}
		key := fmt.Sprintf("%q", parts)
		same[key]++
		sum := sha256.Sum256([]byte(key + strconv.Itoa(same[key])))
		prints[i] = hex.EncodeToString(sum[:16])
	}
	return prints
}
