// Served says what package pki thinks that istiod serves for a credential, for who compares it with istiod: that is a module
// of its own, whose dependencies do not go with the product's.
//
// It reads questions from standard input, a JSON object a line, and answers each with a line.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/meshscenario/scenario/pki"
)

// A question is what a namespace has: Secrets, and a ConfigMap by the same name. Asked is for the credential x.
type question struct {
	Secrets   map[string]map[string][]byte `json:"secrets"`
	ConfigMap map[string]string            `json:"configMap"`
}

// An answer has the keys of what is served, and otherwise why it is not.
type answer struct {
	Pair, CA, ConfigMap        pki.Served
	CASecret                   string
	PairRefused, CARefused, No string
}

const name = "x"

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var q question
		err := in.Decode(&q)
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = out.Encode(ask(q))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func ask(q question) answer {
	get := func(name string) (pki.Secret, bool) {
		data, ok := q.Secrets[name]
		return pki.Secret{Type: "Opaque", Data: data}, ok
	}
	var a answer
	reader := new(pki.Reader)
	server, faults := reader.Credential(name, pki.GatewaySimple, get)
	a.Pair, a.PairRefused = server.Served, refused(faults, pki.NoPair)
	client, faults := reader.Credential(name, pki.ClientSimple, get)
	a.CA, a.CASecret, a.CARefused = client.Served, client.CASecret, refused(faults, pki.NoCA)
	mapped, faults := reader.ConfigMap(q.ConfigMap)
	a.ConfigMap, a.No = mapped.Served, refused(faults, pki.NoCA)
	if own, ok := q.Secrets[name]; ok {
		if _, err := pki.Pair(own); err != nil {
			a.PairRefused += ": " + err.Error()
		}
	}
	if from, ok := get(name + a.CASecret[min(len(name), len(a.CASecret)):]); ok {
		if _, err := pki.Root(from.Data); err != nil {
			a.CARefused += ": " + err.Error()
		}
	}
	return a
}

// refused is the kind of the fault that says that nothing is served.
func refused(faults []pki.Fault, lacks pki.Kind) string {
	for _, f := range faults {
		if f.Kind == pki.Missing || f.Kind == lacks {
			return string(f.Kind)
		}
	}
	return ""
}
