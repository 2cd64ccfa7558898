package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/meshscenario/scenario/certs"
)

func certsStatusCommand(s streams) *cobra.Command {
	var f pkiFlags
	var format, within string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what there is, until when, and what is due",
		Long: `Examples:
  scenario certs status                            a table
  scenario certs status --within 30d               what ends within 30 days counts as due
  scenario certs status -o prometheus > /var/lib/node_exporter/scenario.prom
                                                   metrics, for alerts

A certificate is due when less than a third of its life is left, or, with --within, less than that time. A CA is due when
a certificate that it issued now would have to end with it. JSON has these fields, to which others may come:

  store, issuer (local, given or cfssl), rotation (steady, trust or leaves), nextStage, time
  authorities[]   subject, serial, signs, and when it ends
  peers[]         name, subject, and when it ends: CAs of others
  certificates[]  name, purpose, commonName, names, key, serial, authority, secrets, endsWithCA, and when it ends
                  notBefore, notAfter, renewFrom, remainingSeconds, state (ok, renew or expired)

Exit status: 0 nothing is due; 1 something is due or has expired; 2 wrong use; 3 no certificates there.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			left, err := span("within", within)
			if err != nil {
				return err
			}
			store, err := f.open()
			if err != nil {
				return err
			}
			status := store.Status(left)
			switch format {
			case "table":
				err = s.writeStatus(status)
				adviseStatus(s.err, f, status)
			case "json":
				e := json.NewEncoder(s.out)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				err = e.Encode(status)
			case "prometheus":
				err = status.Prometheus(s.out)
			default:
				return usage("the formats are table, json and prometheus", "unknown format %q", format)
			}
			if err == nil && status.Due() {
				err = errFindings
			}
			return err
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVarP(&format, "output", "o", "table", "table, json or prometheus")
	cmd.Flags().StringVar(&within, "within", "", "due is what ends within this time, such as 30d (default: a third of its life)")
	f.add(cmd)
	completeWith(cmd, "output", []string{"table", "json", "prometheus"})
	return cmd
}

// writeStatus writes a table, and below each certificate its names and Secrets.
func (s streams) writeStatus(all certs.Status) error {
	type row struct {
		cells []string
		state certs.State
		below []string
	}
	rows := []row{{cells: []string{"NAME", "FOR", "ENDS IN", "ENDS"}, state: "STATE"}}
	add := func(name, use string, l certs.Life, below ...string) {
		rows = append(rows, row{[]string{oneLine(name), use, leftOf(l), l.NotAfter.Format(time.DateOnly)}, l.State, below})
	}
	for _, a := range all.Authorities {
		use := "CA, trusted"
		if a.Signs {
			use = "CA, signs"
		}
		add(a.Subject, use, a.Life)
	}
	for _, p := range all.Peers {
		add(p.Name, "CA, other's", p.Life, fold(p.Subject, s.width(), "    ")...)
	}
	for _, c := range all.Certificates {
		below := fold(strings.Join(c.Names, ", "), s.width(), "    ")
		if len(c.Secrets) > 0 {
			below = append(below, fold("in "+strings.Join(c.Secrets, ", "), s.width(), "    ")...)
		}
		add(c.Name, string(c.Purpose), c.Life, below...)
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(append(r.cells, s.state(r.state)), "\t"))
	}
	w.Flush()
	lines := strings.Split(strings.TrimSuffix(table.String(), "\n"), "\n")
	for i, line := range lines {
		fmt.Fprintln(s.out, strings.TrimRight(line, " "))
		for _, more := range rows[i].below {
			fmt.Fprintln(s.out, more)
		}
	}
	if all.Next != "" {
		fmt.Fprintf(s.out, "\nThe CA is being replaced: stage %s, next %s.\n", all.Rotation, all.Next)
	}
	return nil
}

// leftOf is how long something is still valid; of many days, the hours do not matter.
func leftOf(l certs.Life) string {
	const day = 24 * time.Hour
	span := time.Duration(l.Left) * time.Second
	switch {
	case span <= 0:
		return "–"
	case span > 10*day:
		span = span.Truncate(day)
	}
	return certs.Duration(span)
}

// state is the last cell of a row.
func (s streams) state(state certs.State) string {
	color, ok := map[certs.State]string{certs.Renewal: "33", certs.Expired: "31"}[state]
	if !ok || !s.colored("auto") {
		return string(state)
	}
	return "\x1b[" + color + "m" + string(state) + "\x1b[0m"
}

// fold breaks a text at its spaces into lines of at most width; a longer word is a line.
func fold(text string, width int, indent string) []string {
	var lines []string
	line := indent
	for _, word := range strings.Fields(text) {
		switch {
		case line == indent:
			line += word
		case len(line)+1+len(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), indent+word
		}
	}
	if line == indent {
		return lines
	}
	return append(lines, line)
}

// adviseStatus says how what is due is done.
func adviseStatus(w io.Writer, f pkiFlags, all certs.Status) {
	renew, rotate := false, false
	for _, a := range all.Authorities {
		rotate = rotate || a.State != certs.OK
	}
	for _, c := range all.Certificates {
		renew = renew || c.State != certs.OK && !c.Short
		rotate = rotate || c.State != certs.OK && c.Short
	}
	if rotate {
		fmt.Fprintf(w, "hint: the CA is near its end, and with it what it signs: scenario certs rotate-ca%s\n", f.argument())
	}
	for _, p := range all.Peers {
		if p.State != certs.OK {
			fmt.Fprintf(w, "hint: have its owner give you the successor of %s, and issue again with --peer-ca\n", oneLine(p.Name))
		}
	}
	if renew {
		fmt.Fprintf(w, "hint: scenario certs renew%[1]s, then scenario certs secret%[1]s | oc apply --server-side -f -\n", f.argument())
	}
}
