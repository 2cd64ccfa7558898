package scenarios

import "embed"

//go:embed about/*.txt
var about embed.FS

// About says what a scenario is, when to choose it and what it costs, in paragraphs, and ends with commands that can be run.
func (s Scenario) About() (string, error) {
	text, err := about.ReadFile("about/" + s.Template() + ".txt")
	return string(text), err
}
