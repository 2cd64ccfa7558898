package certs

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Prometheus writes the status in the text format of Prometheus, as its node exporter takes it from a file. Times are Unix
// seconds. No metric depends on the clock, so that a file stays true until the store changes.
func (s Status) Prometheus(w io.Writer) error {
	var out metrics
	for _, m := range []struct {
		name, help string
		at         func(Life) time.Time
	}{
		{"not_after", "When %s expires.", func(l Life) time.Time { return l.NotAfter }},
		{"not_before", "When %s begins to be valid.", func(l Life) time.Time { return l.NotBefore }},
		{"renew_from", "When %s is due for renewal.", func(l Life) time.Time { return l.RenewFrom }},
	} {
		out.family("scenario_certificate_"+m.name+"_timestamp_seconds", fmt.Sprintf(m.help, "the certificate"))
		for _, c := range s.Certificates {
			out.value(m.at(c.Life).Unix(), c.labels())
		}
		out.family("scenario_ca_"+m.name+"_timestamp_seconds", fmt.Sprintf(m.help, "the CA"))
		for _, a := range s.Authorities {
			out.value(m.at(a.Life).Unix(), a.labels())
		}
		out.family("scenario_peer_ca_"+m.name+"_timestamp_seconds", fmt.Sprintf(m.help, "another's CA"))
		for _, p := range s.Peers {
			out.value(m.at(p.Life).Unix(), []string{"name", p.Name, "ca", p.Subject})
		}
	}
	out.family("scenario_ca_signs", "Whether the CA signs (1), or is only trusted (0).")
	for _, a := range s.Authorities {
		out.value(flag(a.Signs), a.labels())
	}
	out.family("scenario_ca_rotation_stage", "How far replacing the CA has come: 1 for the present stage.")
	for _, stage := range []Stage{Steady, Trust, Leaves} {
		out.value(flag(s.Rotation == stage.String()), []string{"stage", stage.String()})
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (c CertificateStatus) labels() []string {
	return []string{"name", c.Name, "purpose", string(c.Purpose), "ca", c.Authority}
}

func (a AuthorityStatus) labels() []string { return []string{"ca", a.Subject, "serial", a.Serial} }

// metrics are gauges in the text format: https://prometheus.io/docs/instrumenting/exposition_formats/
type metrics struct {
	strings.Builder
	name string
}

func (m *metrics) family(name, help string) {
	m.name = name
	fmt.Fprintf(m, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// flag is a truth as a number.
func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// value writes one sample; labels are names and values by turns.
func (m *metrics) value(v int64, labels []string) {
	m.WriteString(m.name)
	for i := 0; i < len(labels); i += 2 {
		begin := ","
		if i == 0 {
			begin = "{"
		}
		m.WriteString(begin + labels[i] + `="` + escapeLabel.Replace(strings.ToValidUTF8(labels[i+1], "\ufffd")) + `"`)
	}
	fmt.Fprintf(m, "} %d\n", v)
}
