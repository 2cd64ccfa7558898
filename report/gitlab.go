package report

import (
	"cmp"
	"io"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

// A gitlabIssue is an item of GitLab's Code Quality report. GitLab reads no further than the first item that lacks a
// description, a fingerprint, a severity or a location, and of those with one fingerprint only the last.
type gitlabIssue struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

var gitlabSeverities = map[validate.Severity]string{validate.Error: "critical", validate.Warning: "minor", validate.Info: "info"}

// noFile stands for a file where a format demands one, and the finding has none.
const noFile = "no file"

// GitLab writes findings as a GitLab Code Quality report, the gravest first. A finding whose line is not known is put at
// line 1. Fingerprints stay the same when lines move.
func GitLab(w io.Writer, f Findings, _ Options) error {
	all := f.byGravity()
	prints := f.fingerprints(all)
	issues := make([]gitlabIssue, len(all))
	for i, x := range all {
		issue := &issues[i]
		issue.Description = strings.Join(paragraphs(x), " ")
		issue.CheckName = x.Rule
		issue.Fingerprint = prints[i]
		issue.Severity = cmp.Or(gitlabSeverities[x.Severity], "info")
		issue.Location.Path = cmp.Or(f.path(x.File), noFile)
		issue.Location.Lines.Begin = max(x.Line, 1)
	}
	return writeJSON(w, issues)
}
