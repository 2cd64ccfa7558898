package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/meshscenario/scenario/tyk"
)

func renewalText(w io.Writer, p tyk.Plan, now time.Time) error {
	var out strings.Builder
	for i, s := range p.Steps {
		fmt.Fprintf(&out, "%d. %s\n", i+1, oneLine(renewalStep(s)))
		fmt.Fprintf(&out, "   %s\n", oneLine(s.Why))
	}
	if len(p.Steps) == 0 {
		fmt.Fprintf(&out, "nothing to do at %s\n", now.UTC().Format("2006-01-02 15:04 MST"))
	}
	if !p.Next.IsZero() {
		fmt.Fprintf(&out, "plan again at %s\n", p.Next.UTC().Format("2006-01-02 15:04 MST"))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// renewalStep is a step for people.
func renewalStep(s tyk.Step) string {
	switch s.Action {
	case tyk.Issue:
		side := map[bool]string{true: "clients", false: "servers"}[s.Client]
		return fmt.Sprintf("issue a certificate for %s, for %s; store it in Tyk, then in k8s_ca", strings.Join(s.Names, " and "), side)
	case tyk.Add:
		return fmt.Sprintf("add %s to the certificates of %s, last", s.Certificate, s.API)
	case tyk.Order:
		return fmt.Sprintf("put %s last among the certificates of %s, once", s.Certificate, s.API)
	case tyk.Remove:
		return fmt.Sprintf("remove %s from the certificates of %s", s.Certificate, s.API)
	case tyk.Accept:
		return fmt.Sprintf("store the certificate of %s without its key, and add it to the client_certificates of %s", s.Certificate, s.API)
	case tyk.Show:
		return fmt.Sprintf("put %s into the upstream_certificates of %s", s.Certificate, s.API)
	case tyk.Refuse:
		return fmt.Sprintf("remove %s from the client_certificates of %s", s.Certificate, s.API)
	case tyk.Reload:
		return "reload the gateways"
	case tyk.Wait:
		return fmt.Sprintf("wait with %s until %s", cmp.Or(s.API, s.Certificate), s.Until.UTC().Format("2006-01-02 15:04 MST"))
	case tyk.Delete:
		return "delete " + s.Certificate + " from Tyk's store"
	case tyk.Past:
		return "move the bundle of " + s.Certificate + " into the history of its successor's record"
	case tyk.Set:
		return "set Injector.meshCertificateID of the controller to " + s.Certificate + ", and restart it"
	}
	return "look at the certificates of " + s.API
}

func renewalJSON(w io.Writer, p tyk.Plan, now time.Time) error {
	out := struct {
		Time  time.Time         `json:"time"`
		Next  time.Time         `json:"next,omitzero"`
		Steps []tyk.Step        `json:"steps"`
		APIs  []json.RawMessage `json:"apis"`
	}{now.UTC(), p.Next.UTC(), append([]tyk.Step{}, p.Steps...), []json.RawMessage{}}
	if p.Next.IsZero() {
		out.Next = time.Time{}
	}
	for _, d := range p.APIs {
		out.APIs = append(out.APIs, d.JSON)
	}
	return writeJSON(w, out)
}
