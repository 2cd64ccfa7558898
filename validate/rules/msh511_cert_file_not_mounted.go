package rules

import (
	"fmt"
	"path"
	"strings"

	"github.com/meshscenario/scenario/traffic"
	"github.com/meshscenario/scenario/validate"
)

var msh511 = validate.Rule{
	ID: "MSH511", Name: "cert-file-not-mounted", Category: validate.NoSecret, Severity: validate.Error,
	Title: "a certificate's file is not in the proxy that is to use it",
	Check: func(p *validate.Pass) {
		lostFiles(p, func(l lostFile) {
			if l.at.elsewhere.object != nil || l.at.missing {
				return // MSH502, MSH501
			}
			if pod, _ := p.Index.Pod(l.workload); pod.Assumed && l.at.why == nothingMounted {
				return // MSH619
			}
			f := validate.Finding{
				Place:       l.named.by,
				Message:     fmt.Sprintf("%s has no file %s, which %s names: %s", l.who, l.named, l.named.by.Object, l.at.why),
				Consequence: "the proxy waits for a certificate that never comes: " + l.then,
				Fix:         fmt.Sprintf("annotate the pods of %s with %s and %s for a Secret that has it, mounted at %s; or limit %s by a workloadSelector to those that have it", l.workload, userVolume, userVolumeMount, path.Dir(l.named.name), l.named.by.Object),
			}
			if l.named.inline() {
				f.Message = fmt.Sprintf("%s holds PEM text at %s, where the name of a file belongs", l.named.by.Object, l.named.by.Field)
				f.Fix = "put the text into a Secret and name that by credentialName, or mount it and name the file"
				p.Report(l.shown(f))
				return
			}
			if l.gateway {
				f.Fix = fmt.Sprintf("mount a Secret that has it at %s of the gateway; or name a Secret of the gateway's namespace by credentialName in its place", path.Dir(l.named.name))
			}
			field := l.named.by.Field[strings.LastIndexByte(l.named.by.Field, '.')+1:]
			if other := keyOf(p, l.workload, field, l.named.name); other != "" {
				f.Fix = fmt.Sprintf("write %s: %s in %s, as the key of the mounted Secret is named", field, other, l.named.by.Object)
				f.Edits = []validate.Edit{{Object: l.named.by.Object, Field: l.named.by.Field, Value: other}}
			}
			if l.at.by != nil {
				f.Severity, f.Related = validate.Warning, []validate.Place{p.At(l.at.by, "")}
			}
			p.Report(l.shown(f))
		})
	},
}

// A lostFile is one that a proxy is to read and does not have.
type lostFile struct {
	workload, who string
	gateway       bool
	then          string // what its clients see
	named         fileNamed
	at            fileAt
	// shown adds the request that shows it, if one does.
	shown func(validate.Finding) validate.Finding
}

// lostFiles finds one lost file for each TLS: the others of it are where that one is.
func lostFiles(p *validate.Pass, tell func(lostFile)) {
	for _, l := range validate.Once(p, lostKey{}, func() []lostFile { return findLost(p) }) {
		tell(l)
	}
}

type lostKey struct{}

func findLost(p *validate.Pass) (all []lostFile) {
	first := func(f tlsFiles, l lostFile) {
		for _, one := range f.all() {
			l.workload, l.named, l.at = f.workload, one, fileIn(p, f.workload, one.name)
			if one.inline() {
				l.at = fileAt{why: "it is none"}
			}
			if l.at.why != "" {
				all = append(all, l)
				return
			}
		}
	}
	for _, pod := range gatewayPods(p) {
		for _, s := range serversOf(p, pod) {
			for _, f := range filesOfServer(p, pod, s) {
				first(f, lostFile{who: "gateway " + podName(pod), gateway: true, then: "it resets the connections to that server", shown: func(f validate.Finding) validate.Finding { return f }})
			}
		}
	}
	for _, way := range p.Paths {
		for i := range way.Hops {
			f, ok := filesOfClient(p, way.Hops, i)
			if !ok || way.Outcome.Cause != "" {
				continue
			}
			h := &way.Hops[i]
			first(f, lostFile{who: by(h), gateway: h.Proxy == traffic.Gateway, then: "503 UF, secret not supplied", shown: func(f validate.Finding) validate.Finding {
				return validate.Shown(way, i+1, f)
			}})
		}
	}
	return all
}
