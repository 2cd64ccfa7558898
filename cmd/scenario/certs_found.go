package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/meshscenario/scenario/certs"
	"github.com/meshscenario/scenario/pki"
	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/validate"
	"github.com/meshscenario/scenario/validate/rules"
)

// newReport is one with the rules about certificates, and nothing found yet.
func newReport() report.Findings {
	r := report.Findings{FailOn: validate.Error}
	r.Version, _ = version()
	for _, one := range rules.All {
		if certificateRule(one.ID) && one.Missing == "" {
			r.Rules = append(r.Rules, report.RuleInfo{
				ID: one.ID, Name: one.Name, Title: one.Title, Help: helpOf(one), Severity: one.Severity, Category: one.Category,
			})
		}
	}
	for id, title := range certs.Titles {
		r.Rules = append(r.Rules, report.RuleInfo{ID: id, Name: id, Title: title, Help: title, Severity: validate.Error, Category: validate.Other})
	}
	slices.SortFunc(r.Rules, func(a, b report.RuleInfo) int { return cmp.Compare(a.ID, b.ID) })
	r.Dir, _ = os.Getwd()
	r.Root = repository(r.Dir)
	return r
}

// add tells of what is wrong with the store or a server.
func (v *verified) add(found []certs.Finding) {
	for _, f := range found {
		one := validate.Finding{
			Rule: f.Rule, Name: f.Rule, Category: validate.Other, Severity: validate.Error,
			Place:   validate.Place{File: f.File, Object: validate.Object{Kind: f.Object.Kind, Namespace: f.Object.Namespace, Name: f.Object.Name}},
			Message: f.Message, Consequence: rules.Sentence(f.Consequence), Fix: v.mend(f),
		}
		if f.Server != "" {
			one.Place.Object = validate.Object{Kind: "server", Name: f.Server}
		}
		if i := slices.IndexFunc(v.report.Rules, func(r report.RuleInfo) bool { return r.ID == f.Rule }); i >= 0 {
			one.Name, one.Category = v.report.Rules[i].Name, v.report.Rules[i].Category
		}
		if !f.Breaks {
			one.Severity = validate.Warning
		}
		v.report.Findings = append(v.report.Findings, one)
	}
}

// beside tells of Secrets of the manifests that do not go with the store's, where the rules have found nothing in them.
func (v *verified) beside(b source, found []certs.Finding) {
	for _, f := range found {
		object := validate.Object{Kind: f.Object.Kind, Namespace: f.Object.Namespace, Name: f.Object.Name}
		if slices.ContainsFunc(v.report.Findings, func(one validate.Finding) bool { return one.Object == object }) {
			continue
		}
		v.add([]certs.Finding{f})
		one := &v.report.Findings[len(v.report.Findings)-1]
		for _, o := range b.Objects {
			if at := o.At("data"); o.ID == f.Object && at.File == f.File {
				one.Line, one.Column = at.Line, at.Column
			}
		}
	}
}

// mend is the command that mends a finding, or what a person has to do.
func (v *verified) mend(f certs.Finding) string {
	pki := v.f.source.pki.argument()
	switch f.Mend {
	case certs.Reissue:
		if f.Name != "" {
			return "scenario certs renew " + f.Name + " --all" + pki + " issues it anew"
		}
	case certs.Settle:
		return "scenario certs renew" + pki + " brings it into line"
	case certs.Replace:
		return "scenario certs rotate-ca" + pki + " replaces the CA"
	case certs.Peer:
		return "give it again: scenario certs issue with --peer-ca, for the Secrets of " + f.Name
	case certs.Restore:
		return "bring the file back from a copy of the folder; without one, begin anew in another, by scenario certs init"
	case certs.Apply:
		return "put the folder's in its place, which scenario certs secret" + pki + " writes"
	case certs.Chmod:
		return "chmod 600 " + quoted(f.File) + ", and issue it anew if others have had it"
	}
	return rules.Sentence(f.Fix)
}

// said tells whether something is known to be wrong already with the certificate of the store that a finding is about.
func (v *verified) said(one validate.Finding) bool {
	return slices.ContainsFunc(v.report.Findings, func(f validate.Finding) bool {
		return filepath.Dir(f.File) == filepath.Dir(one.File)
	})
}

// connect asks a server.
func (v *verified) connect(ctx context.Context, address string, wait time.Duration) error {
	a, err := v.store.Connect(ctx, certs.Call{
		Address: address, ServerName: v.f.servername, Certificate: v.f.certificate, Peer: v.f.peer, Timeout: wait,
	})
	var unknown *certs.UnknownError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return environment(fmt.Errorf("--connect %s: no answer within %s", address, wait))
	case errors.Is(err, context.Canceled):
		return &statusError{errors.New("interrupted"), exitInterrupted, ""}
	case errors.As(err, &unknown):
		return pkiError(err)
	case err != nil:
		return pkiError(fmt.Errorf("--connect %s: %w", address, err))
	}
	v.fact("server %s, asked for %s", a.Address, a.ServerName)
	for _, fact := range heard(a) {
		v.fact("  %s", fact)
	}
	v.add(a.Findings)
	return nil
}

// heard is what a server showed and did, for people.
func heard(a certs.Answer) []string {
	var all []string
	if a.Version != "" {
		all = append(all, "speaks "+a.Version)
	}
	if len(a.Chain) == 0 {
		return all
	}
	leaf := a.Chain[0]
	all = append(all, fmt.Sprintf("shows %s", leaf),
		fmt.Sprintf("for %s, %s, until %s", cmp.Or(strings.Join(pki.NamesOf(leaf.Certificate).All(), ", "), "no name"),
			pki.KeyTypeOf(leaf.PublicKey), leaf.NotAfter.UTC().Format(time.DateOnly)))
	switch {
	case !a.Asks:
		return append(all, "asks for no client certificate")
	case len(a.CAs) == 0:
		all = append(all, "asks for a client certificate, and names no CAs")
	default:
		all = append(all, "asks for a client certificate of "+strings.Join(a.CAs, " or "))
	}
	all = append(all, verdict(a.Without)+" who shows none")
	if a.With.Asked {
		all = append(all, verdict(a.With)+" "+a.Certificate)
	}
	return all
}

func verdict(v certs.Verdict) string {
	if v.Accepted {
		return "lets in"
	}
	return "refuses"
}

// write tells all, in the formats that are asked for, and gives the exit status.
func (v *verified) write(s streams, outputs []output) error {
	if slices.ContainsFunc(outputs, func(o output) bool { return o.format == "text" && o.file == "" }) {
		for _, fact := range v.facts {
			text := strings.TrimLeft(fact, " ")
			for _, line := range fold(text, s.width(), fact[:len(fact)-len(text)]) {
				fmt.Fprintln(s.out, line)
			}
		}
	}
	if err := s.writeFindings(outputs, validateFlags{color: v.f.color}, v.report); err != nil {
		return err
	}
	if slices.ContainsFunc(v.report.Findings, func(f validate.Finding) bool { return f.Severity == validate.Error }) {
		return errFindings
	}
	return nil
}
