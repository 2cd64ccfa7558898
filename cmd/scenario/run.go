package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/meshscenario/scenario/scenarios"
	"github.com/meshscenario/scenario/veil"
)

// The exit statuses. The output format never changes them.
const (
	exitDone        = 0
	exitFindings    = 1 // the work was done, and something is wrong
	exitUsage       = 2 // wrong use of the command
	exitInput       = 3 // input that cannot be read or is not valid
	exitEnvironment = 4 // the machine, a cluster or a CA failed
	exitInterrupted = 130
)

// streams are what a command reads and writes. Nothing else touches the process's own.
type streams struct {
	in       io.Reader
	out, err io.Writer
	screen   io.Writer // where out goes in the end: asked only for its width, and whether it is a terminal
}

// A statusError is an error with the exit status it leads to, and advice.
type statusError struct {
	error
	status int
	hint   string
}

func (e *statusError) Unwrap() error { return e.error }

func usage(hint, format string, args ...any) error {
	return &statusError{fmt.Errorf(format, args...), exitUsage, hint}
}

func input(err error) error { return &statusError{err, exitInput, ""} }

// run is the whole program, and the only place that turns errors into messages and exit statuses. What a command
// prints reaches stdout only when the command succeeded.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	var result bytes.Buffer
	s := streams{in: in, out: &result, err: errOut, screen: out}
	root := rootCommand(s)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(&result)
	root.SetErr(errOut)
	err := root.Execute()
	found := errors.Is(err, errFindings)
	if err == nil || found {
		err = nil
		if _, err = out.Write(result.Bytes()); err != nil {
			err = &statusError{fmt.Errorf("write standard output: %w", err), exitEnvironment, ""}
		}
	}
	switch {
	case err == nil && found:
		return exitFindings
	case err == nil:
		return exitDone
	}
	status, advice := exitUsage, ""
	var known *statusError
	if errors.As(err, &known) {
		status, advice, err = known.status, known.hint, known.error
	}
	said := map[string]bool{}
	for _, e := range scenarios.Flatten(err) {
		fmt.Fprintf(errOut, "scenario: %s\n", oneLine(veil.Draw(e.Error())))
		// A file with one mistake made twenty times needs the advice once.
		if hint := cmp.Or(scenarios.Hint(e), advice); hint != "" && !said[hint] {
			fmt.Fprintf(errOut, "hint: %s\n", oneLine(veil.Draw(hint)))
			said[hint] = true
		}
	}
	return status
}

// oneLine keeps a message on one line of a terminal, whatever it quotes, and within reason.
func oneLine(s string) string {
	const most = 2000
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029' }), " ")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '\ufffd'
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + " …"
	}
	return s
}

func rootCommand(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "scenario",
		Short: "Render what a mesh workload needs to talk to something outside the mesh",
		Long: `Examples:
  scenario list                                    what there is, and for which meshes
  scenario render 1a --mtls > out.yaml             mutual TLS from the sidecar
  scenario render 1b --host api.partner.example    TLS from an egress gateway
  scenario render -f definitions/ --to manifests/  many at once, a file an object
  scenario validate manifests/                     what is wrong in them, and how to mend it
  scenario certs issue 1b --mtls                   the certificates that it needs
  scenario bootstrap 1b --mtls --to kit/           manifests, and scripts that apply, try and undo them
  scenario trace out.yaml --to http://greeting.remote.com
                                                   where that request goes, hop by hop, and what decides it

A scenario is a way for a workload of an Istio or OpenShift Service Mesh to reach, or be reached by, something
outside its mesh. Its manifests go to stdout, ready for oc apply; everything else goes to stderr. Manifests, whoever
wrote them, can be asked where a request goes.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(listCommand(s), renderCommand(s), validateCommand(s), traceCommand(s), explainCommand(s), certsCommand(s), bootstrapCommand(s), migrateCommand(s), tykCommand(s), versionCommand(s))
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		// Of what cobra adds, a word that is no command would only print the help.
		switch c.Name() {
		case "help":
			help := c.Run
			c.Run = nil
			c.RunE = func(cmd *cobra.Command, args []string) error {
				if found, _, err := root.Find(args); len(args) > 0 && (err != nil || found == root) {
					return unknownCommand(root, args[0])
				}
				help(cmd, args)
				return nil
			}
		case "completion":
			c.Args = cobra.ArbitraryArgs
			c.RunE = func(cmd *cobra.Command, args []string) error {
				if len(args) > 0 {
					return unknownCommand(cmd, args[0])
				}
				return cmd.Help()
			}
		}
	}
	return root
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	hint := "the commands are " + strings.Join(names, ", ")
	if n := scenarios.Nearest(name, names); n != "" {
		hint = "did you mean " + n + "? " + hint
	} else if _, isScenario := scenarios.Lookup(name); isScenario {
		hint = "did you mean scenario render " + name + "?"
	}
	return usage(hint, "unknown command %q", name)
}

// badBool is how pflag says that a switch got a value that is neither true nor false.
var badBool = regexp.MustCompile(`^invalid argument "(.*)" for "(.*)" flag: strconv.ParseBool`)

func flagError(cmd *cobra.Command, err error) error {
	hint := cmd.CommandPath() + " --help lists the flags"
	var missing *pflag.NotExistError
	if errors.As(err, &missing) {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if n := scenarios.Nearest(missing.GetSpecifiedName(), names); n != "" {
			hint = "did you mean --" + n + "? " + hint
		} else if missing.GetSpecifiedName() == "version" {
			hint = "scenario version prints the version"
		}
	}
	if m := badBool.FindStringSubmatch(err.Error()); m != nil {
		return usage(hint, "%s is true or false, not %q", m[2], m[1])
	}
	return usage(hint, "%w", err)
}

// isTerminal tells whether reading would wait for somebody to type.
func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
