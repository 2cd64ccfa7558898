package main

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/scenarios"
)

// write writes a result to a file, or, without a name, to stdout.
func (s streams) write(name string, write func(io.Writer) error) error {
	if name == "" {
		return write(s.out)
	}
	var all bytes.Buffer
	if err := write(&all); err != nil {
		return err
	}
	return environment(os.WriteFile(name, all.Bytes(), 0o666))
}

// outputFormat takes -o apart: FORMAT or FORMAT=FILE.
func outputFormat(text string) (report.Format, string, error) {
	name, file, toFile := strings.Cut(text, "=")
	names := report.Names()
	i := slices.Index(names, name)
	switch {
	case i < 0:
		hint := "the formats are " + strings.Join(names, " and ")
		if n := scenarios.Nearest(name, names); n != "" {
			hint = "did you mean " + n + "? " + hint
		}
		return report.Format{}, "", usage(hint, "unknown format %q", name)
	case toFile && file == "":
		return report.Format{}, "", usage("write -o "+name+"=FILE", "-o %s names no file", text)
	}
	return report.Formats[i], file, nil
}

// width is how long lines may be: as COLUMNS or the terminal says, within what can be read well.
func (s streams) width() int {
	width, err := strconv.Atoi(os.Getenv("COLUMNS"))
	if err != nil || width <= 0 {
		width = 80
		if f, ok := s.screen.(*os.File); ok {
			if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
				width = columns
			}
		}
	}
	return max(report.Narrowest, min(width, 120))
}

// colored says whether there may be colours.
func (s streams) colored(when string) bool {
	if when != "auto" {
		return when == "always"
	}
	f, ok := s.screen.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
