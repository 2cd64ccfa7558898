package main

import (
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/meshscenario/scenario/report"
)

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
