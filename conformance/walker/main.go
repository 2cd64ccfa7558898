// Walker follows requests through bundles, as the model of package traffic sees them, for who compares it with a judge: the
// judges are modules of their own, whose dependencies do not go with the product's.
//
// It reads cases from standard input, a JSON object a line, and answers each with a line: the paths of the requests, in
// order, or what is wrong with the case. With -count FILE it follows every request that matters in the file, on all cores,
// and prints how they ended; with -plain FILE it only decodes the file, in the plain way: what bench measures.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/edit"
	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// A question is a bundle and what to follow in it: the requests, or without any those that matter in it. What the bundle
// does not hold is not there.
type question struct {
	Target   string            `json:"target"`
	YAML     string            `json:"yaml"`
	Mesh     string            `json:"mesh"`
	Requests []traffic.Request `json:"requests"`
	// Validate asks for the findings of all rules instead of paths; Assume takes for granted what the bundle does not hold.
	Validate bool `json:"validate"`
	Assume   bool `json:"assume"`
	// Mend asks for the bundle's text with the edits that the findings of this rule offer.
	Mend string `json:"mend"`
}

// An answer has a path for each request, which is in it.
type answer struct {
	Paths    []traffic.Path     `json:"paths,omitempty"`
	Findings []validate.Finding `json:"findings,omitempty"`
	Mended   string             `json:"mended,omitempty"`
	Error    string             `json:"error,omitempty"`
}

func main() {
	if len(os.Args) == 3 {
		err := fmt.Errorf("unknown %q", os.Args[1])
		switch os.Args[1] {
		case "-count":
			err = count(os.Args[2])
		case "-plain":
			err = plain(os.Args[2])
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<30)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		var a answer
		if err := a.to(in.Bytes()); err != nil {
			a = answer{Error: err.Error()}
		}
		line, err := json.Marshal(a)
		if err == nil {
			_, err = out.Write(append(line, '\n'))
		}
		if err == nil {
			err = out.Flush()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// to answers a question.
func (a *answer) to(line []byte) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the model panicked: %v", cause)
		}
	}()
	var q question
	if err := json.Unmarshal(line, &q); err != nil {
		return err
	}
	target, ok := mesh.Lookup(q.Target)
	if !ok {
		return fmt.Errorf("unknown target %q", q.Target)
	}
	b, err := bundle.Read("case.yaml", bytes.NewReader([]byte(q.YAML)))
	if err != nil {
		return err
	}
	if q.Validate {
		result, err := validate.Run(b, validate.Options{Target: target, MeshConfig: q.Mesh, Requests: q.Requests, Strict: !q.Assume, Rules: rules.All})
		a.Findings = result.Findings
		if q.Mend != "" && err == nil {
			a.Mended, err = mended(q, result.Findings)
		}
		return err
	}
	x, err := traffic.NewIndex(b, traffic.Options{Target: target, MeshConfig: q.Mesh})
	if err != nil {
		return err
	}
	if q.Requests == nil {
		q.Requests = x.Requests("")
	}
	for _, r := range q.Requests {
		p, err := x.Walk(r)
		if err != nil {
			return fmt.Errorf("%s to %s: %w", r.From, r.To, err)
		}
		a.Paths = append(a.Paths, p)
	}
	return nil
}

// mended is the text with the edits that a rule offers, or nothing where it offers none.
func mended(q question, findings []validate.Finding) (string, error) {
	var edits []validate.Edit
	for _, f := range findings {
		if f.Rule == q.Mend {
			edits = append(edits, f.Edits...)
		}
	}
	if len(edits) == 0 {
		return "", nil
	}
	text, err := edit.Text("case.yaml", []byte(q.YAML), edits)
	return string(text), err
}

func count(file string) error {
	b, err := bundle.Load([]string{file}, os.Stdin)
	if err != nil {
		return err
	}
	target, _ := mesh.Lookup("istio-1.31")
	x, err := traffic.NewIndex(b, traffic.Options{Target: target})
	if err != nil {
		return err
	}
	requests := x.Requests("")
	ends := make([]map[traffic.Code]int, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i := range ends {
		ends[i] = map[traffic.Code]int{}
		group.Go(func() {
			for j := i; j < len(requests); j += len(ends) {
				p, err := x.Walk(requests[j])
				if err != nil {
					p.Outcome.Code = "error"
				}
				ends[i][p.Outcome.Code]++
			}
		})
	}
	group.Wait()
	all := map[traffic.Code]int{}
	for _, of := range ends {
		for code, n := range of {
			all[code] += n
		}
	}
	fmt.Printf("%d documents, %d requests:", len(b.Objects), len(requests))
	for _, code := range slices.Sorted(maps.Keys(all)) {
		fmt.Printf(" %s %d", code, all[code])
	}
	fmt.Println()
	return nil
}

// plain decodes documents of Istio's four kinds of routing by way of YAML's nodes, which have positions, and protojson.
func plain(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	specs := map[string]func() proto.Message{
		"ServiceEntry":    func() proto.Message { return &networking.ServiceEntry{} },
		"DestinationRule": func() proto.Message { return &networking.DestinationRule{} },
		"VirtualService":  func() proto.Message { return &networking.VirtualService{} },
		"Gateway":         func() proto.Message { return &networking.Gateway{} },
	}
	n := 0
	for d := yaml.NewDecoder(f); ; n++ {
		var node yaml.Node
		if err := d.Decode(&node); errors.Is(err, io.EOF) {
			fmt.Println(n, "documents")
			return nil
		} else if err != nil {
			return err
		}
		var tree map[string]any
		if err := node.Decode(&tree); err != nil {
			return err
		}
		kind, _ := tree["kind"].(string)
		spec := specs[kind]
		if spec == nil {
			continue
		}
		data, err := json.Marshal(tree["spec"])
		if err != nil {
			return err
		}
		if err := protojson.Unmarshal(data, spec()); err != nil {
			return err
		}
	}
}
