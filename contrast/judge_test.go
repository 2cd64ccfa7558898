package contrast

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the tables in testdata anew, as the judges say")

// A judge is a sidecar's own code as a command, which reads a question a line and answers each with a line. Contrast's is
// a package main under a licence of its own, so it is not part of this module: the tables in testdata hold its answers.
// CONTRAST_JUDGES names a folder with the commands legacy and current to hold the tables, and many random strings,
// against it. See testdata/README for what they must answer.
type question struct {
	Ingress, Egress, AdminPort []byte // bytes, as not all strings are UTF-8
	Ports                      []int  `json:",omitempty"` // where this is set, Inbound and Outbound are answered
}

type answer struct {
	OK                         bool
	Error                      string
	Ingress, Egress, AdminPort []byte // as the sidecar understands them
	Inbound, Outbound          []string
}

func questionOf(s Strings) question {
	return question{Ingress: []byte(s.Ingress), Egress: []byte(s.Egress), AdminPort: []byte(s.AdminPort)}
}

func (a answer) strings() Strings {
	return Strings{Ingress: string(a.Ingress), Egress: string(a.Egress), AdminPort: string(a.AdminPort)}
}

// ask asks a judge all questions at once. Where there is none the test is skipped.
func ask(t *testing.T, g Generation, questions []question) []answer {
	t.Helper()
	folder := os.Getenv("CONTRAST_JUDGES")
	if folder == "" {
		t.Skip("CONTRAST_JUDGES is not set: it names a folder with the sidecars' own code as commands")
	}
	var in bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, q := range questions {
		if err := encoder.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(filepath.Join(folder, string(g)))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var a answer
		if err := decoder.Decode(&a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}
