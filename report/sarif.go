package report

import (
	"cmp"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// sarifRoot is how SARIF readers call the folder of the repository, by agreement among them.
const sarifRoot = "%SRCROOT%"

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Automation struct {
		ID string `json:"id"`
	} `json:"automationDetails"`
	Bases      map[string]sarifBase `json:"originalUriBaseIds"`
	ColumnKind string               `json:"columnKind"`
	Results    []sarifResult        `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifBase struct {
	Description sarifText `json:"description"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifRule struct {
	ID      string    `json:"id"`
	Name    string    `json:"name,omitempty"`
	Short   sarifText `json:"shortDescription"`
	Help    sarifText `json:"help"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
	Properties *sarifTags `json:"properties,omitempty"`
}

type sarifTags struct {
	Tags []string `json:"tags"`
}

type sarifResult struct {
	RuleID     string            `json:"ruleId"`
	RuleIndex  int               `json:"ruleIndex"`
	Level      string            `json:"level"`
	Message    sarifText         `json:"message"`
	Locations  []sarifLocation   `json:"locations"`
	Related    []sarifLocation   `json:"relatedLocations,omitempty"`
	Prints     map[string]string `json:"partialFingerprints"`
	Fixes      []sarifFix        `json:"fixes,omitempty"`
	Properties sarifProperties   `json:"properties"`
}

// sarifProperties are what SARIF has no place for; each name is that of the field in [validate.Finding].
type sarifProperties struct {
	Category    validate.Category `json:"category,omitempty"`
	Consequence string            `json:"consequence,omitempty"`
	Fix         string            `json:"fix,omitempty"`
	Request     *validate.Call    `json:"request,omitempty"`
	Hop         int               `json:"hop,omitempty"`
}

type sarifLocation struct {
	ID       int            `json:"id,omitempty"`
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	Line    int `json:"startLine"`
	Column  int `json:"startColumn,omitempty"`
	EndLine int `json:"endLine,omitempty"`
	End     int `json:"endColumn,omitempty"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion   `json:"deletedRegion"`
	Inserted *sarifContent `json:"insertedContent,omitempty"`
}

type sarifContent struct {
	Text string `json:"text"`
}

type sarifLogical struct {
	Name string `json:"name,omitempty"`
	Full string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

var sarifLevels = map[validate.Severity]string{validate.Error: "error", validate.Warning: "warning", validate.Info: "note"}

// SARIF writes findings as a SARIF 2.1.0 log, in the order of their places, with all rules that were run. Files of the
// repository are named relative to %SRCROOT%; others by a file URI, or as they were named. A finding keeps its partial
// fingerprint when lines move. A patch is a fix, which says whether it is a safe one.
func SARIF(w io.Writer, f Findings, _ Options) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{toolName, f.Version, []sarifRule{}}
	// By the part before the last slash services tell reports of one commit apart.
	run.Automation.ID = slashed(toolName, f.Target) + "/"
	run.Bases = map[string]sarifBase{sarifRoot: {sarifText{"The folder that the names of files begin at"}}}
	index := map[string]int{}
	for i, r := range f.rules() {
		index[r.ID] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, newSarifRule(r))
	}
	all := f.byPlace()
	prints := f.fingerprints(all)
	for i, x := range all {
		result := f.sarifResult(x)
		result.RuleIndex = index[x.Rule]
		result.Prints = map[string]string{"scenarioFinding/v1": prints[i]}
		run.Results = append(run.Results, result)
	}
	return writeJSON(w, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

func newSarifRule(r RuleInfo) sarifRule {
	title := flat(cmp.Or(r.Title, r.Name, r.ID))
	rule := sarifRule{ID: r.ID, Name: r.Name, Short: sarifText{title}, Help: sarifText{cmp.Or(strings.TrimSpace(r.Help), title)}}
	rule.Default.Level = cmp.Or(sarifLevels[r.Severity], "note")
	if r.Category != "" {
		rule.Properties = &sarifTags{[]string{string(r.Category)}}
	}
	return rule
}

func (f Findings) sarifResult(x validate.Finding) sarifResult {
	result := sarifResult{
		RuleID: x.Rule, Level: cmp.Or(sarifLevels[x.Severity], "note"),
		Message:    sarifMessage(strings.Join(paragraphs(x), "\n\n")),
		Locations:  []sarifLocation{f.sarifLocation(x.Place)},
		Properties: sarifProperties{x.Category, x.Consequence, x.Fix, x.Request, x.Hop},
		Fixes:      f.sarifFixes(x),
	}
	for i, r := range x.Related {
		l := f.sarifLocation(r)
		text := sarifMessage(cmp.Or(relatedPlace(validate.Place{Object: r.Object, Field: r.Field}), position(r)))
		l.ID, l.Message = i+1, &text
		result.Related = append(result.Related, l)
	}
	return result
}

// sarifMessage is a text in which braces would begin a placeholder.
func sarifMessage(s string) sarifText {
	return sarifText{strings.NewReplacer("{", "{{", "}", "}}").Replace(s)}
}

func (f Findings) sarifLocation(p validate.Place) (l sarifLocation) {
	if p.File != "" {
		l.Physical = &sarifPhysical{}
		l.Physical.Artifact = f.sarifArtifact(p.File)
		if p.Line > 0 {
			l.Physical.Region = &sarifRegion{Line: p.Line, Column: p.Column}
		}
	}
	if o := p.Object; o != (validate.Object{}) {
		l.Logical = []sarifLogical{{Name: o.Name, Full: strings.TrimSuffix(slashed(o.Namespace, o.Kind, o.Name)+"#"+p.Field, "#"), Kind: "resource"}}
	}
	return l
}

// sarifFixes is the patch of a finding. A region from a line's first column to that of another is whole lines with their
// breaks; one of no length is where to insert.
func (f Findings) sarifFixes(x validate.Finding) []sarifFix {
	if len(x.Patch) == 0 {
		return nil
	}
	text := "Suggested"
	if x.Safe {
		text = "Safe: nothing else changes"
	}
	fix := sarifFix{Description: sarifText{text}}
	for _, h := range x.Patch {
		artifact := f.sarifArtifact(h.File)
		i := slices.IndexFunc(fix.Changes, func(c sarifChange) bool { return c.Artifact == artifact })
		if i < 0 {
			i = len(fix.Changes)
			fix.Changes = append(fix.Changes, sarifChange{Artifact: artifact})
		}
		r := sarifReplacement{Deleted: sarifRegion{Line: h.Line, Column: 1, EndLine: h.Line + strings.Count(h.Old, "\n"), End: 1}}
		if h.New != "" {
			r.Inserted = &sarifContent{h.New}
		}
		fix.Changes[i].Replacements = append(fix.Changes[i].Replacements, r)
	}
	return []sarifFix{fix}
}

func (f Findings) sarifArtifact(file string) sarifArtifact {
	uri, base := f.sarifURI(file)
	return sarifArtifact{uri, base}
}

// sarifURI names a file, and what the name is relative to. Names that lead out of their folder are relative to nothing
// that the reader knows.
func (f Findings) sarifURI(file string) (uri, base string) {
	name := f.path(file)
	switch {
	case strings.HasPrefix(name, "/"):
		return (&url.URL{Scheme: "file", Path: name}).String(), ""
	case len(name) > 2 && name[1] == ':' && name[2] == '/': // a drive of Windows
		return (&url.URL{Scheme: "file", Path: "/" + name}).String(), ""
	case file == "-", name == "..", strings.HasPrefix(name, "../"):
		return (&url.URL{Path: name}).String(), ""
	}
	return (&url.URL{Path: name}).String(), sarifRoot
}

// slashed joins what of the parts there is.
func slashed(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "/")
}
