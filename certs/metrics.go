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
	out.family("scenario_certificate_not_after_timestamp_seconds", "When the certificate expires.")
	for _, c := range s.Certificates {
		out.sample(c.NotAfter, c.labels()...)
	}
	out.family("scenario_certificate_not_before_timestamp_seconds", "When the certificate begins to be valid.")
	for _, c := range s.Certificates {
		out.sample(c.NotBefore, c.labels()...)
	}
	out.family("scenario_certificate_renew_from_timestamp_seconds", "When the certificate is due for renewal.")
	for _, c := range s.Certificates {
		out.sample(c.RenewFrom, c.labels()...)
	}
	out.family("scenario_ca_not_after_timestamp_seconds", "When the CA expires.")
	for _, a := range s.Authorities {
		out.sample(a.NotAfter, a.labels()...)
	}
	out.family("scenario_ca_renew_from_timestamp_seconds", "When the CA is due for rotation.")
	for _, a := range s.Authorities {
		out.sample(a.RenewFrom, a.labels()...)
	}
	out.family("scenario_ca_signs", "Whether the CA signs (1), or is only trusted (0).")
	for _, a := range s.Authorities {
		out.flag(a.Signs, a.labels()...)
	}
	out.family("scenario_ca_rotation_stage", "How far replacing the CA has come: 1 for the present stage.")
	for _, stage := range []Stage{Steady, Trust, Leaves} {
		out.flag(s.Rotation == stage.String(), "stage", stage.String())
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

func (m *metrics) sample(at time.Time, labels ...string) { m.value(at.Unix(), labels) }

func (m *metrics) flag(on bool, labels ...string) {
	value := int64(0)
	if on {
		value = 1
	}
	m.value(value, labels)
}

// value writes one sample; labels are names and values by turns.
func (m *metrics) value(v int64, labels []string) {
	m.WriteString(m.name)
	for i := 0; i < len(labels); i += 2 {
		begin := ","
		if i == 0 {
			begin = "{"
		}
		m.WriteString(begin + labels[i] + `="` + escapeLabel.Replace(labels[i+1]) + `"`)
	}
	fmt.Fprintf(m, "} %d\n", v)
}
