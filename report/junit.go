package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/meshscenario/scenario/validate"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string      `xml:"name,attr"`
	ClassName string      `xml:"classname,attr"` // what GitLab and Jenkins show as the suite
	Failure   *junitFault `xml:"failure"`
	Skipped   *junitFault `xml:"skipped"`
}

type junitFault struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes findings as a JUnit report, as GitLab and Jenkins read it: a suite for each file, in it a test for each
// finding, or one that passed where nothing was found; so there is always a test. A test is named after the rule, the
// object and the field, never the line, so that it keeps its history. Findings below [Findings.FailOn] are skipped tests,
// which are shown, but do not fail. It keeps to the strictest of the schemas, that of Jenkins' xUnit plugin.
func JUnit(w io.Writer, f Findings, _ Options) error {
	by := map[string][]validate.Finding{}
	for _, x := range f.byPlace() {
		by[x.File] = append(by[x.File], x)
	}
	files := f.files()
	if len(by[""]) > 0 || len(files) == 0 {
		files = append([]string{""}, files...)
	}
	all := junitSuites{Name: strings.TrimSpace(toolName + " " + f.Target)}
	taken := map[string]int{}
	for _, file := range files {
		suite := f.junitSuite(file, by[file], taken)
		all.Suites = append(all.Suites, suite)
		all.Tests += suite.Tests
		all.Failures += suite.Failures
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	// Only texts between tags hold line ends, and there they may be written as they are.
	text = bytes.ReplaceAll(text, []byte("&#xA;"), []byte("\n"))
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

// junitSuite is that of one file. Readers drop a test whose name is taken, so each is counted.
func (f Findings) junitSuite(file string, findings []validate.Finding, taken map[string]int) junitSuite {
	name := cmp.Or(f.path(file), noFile)
	suite := junitSuite{Name: name, Tests: max(len(findings), 1)}
	for _, x := range findings {
		c := junitCase{Name: strings.Join(strings.Fields(x.Rule+" "+objectName(x.Object)+" "+flat(x.Field)), " "), ClassName: name}
		key := name + "\n" + c.Name
		if taken[key]++; taken[key] > 1 {
			c.Name += fmt.Sprintf(" #%d", taken[key])
		}
		lines := append([]string{strings.TrimPrefix(position(x.Place)+": ", ": ") + string(x.Severity)}, paragraphs(x)...)
		for _, r := range x.Related {
			lines = append(lines, "See also: "+sentence(relatedPlace(r)))
		}
		fault := &junitFault{string(x.Severity), subject(x), strings.Join(lines, "\n")}
		if x.Severity.AtLeast(cmp.Or(f.FailOn, validate.Error)) {
			c.Failure = fault
			suite.Failures++
		} else {
			c.Skipped = fault
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, c)
	}
	if len(findings) == 0 {
		suite.Cases = []junitCase{{Name: "nothing found", ClassName: name}}
	}
	return suite
}
