package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/meshscenario/scenario/report"
	"github.com/meshscenario/scenario/scenarios"
)

// An output is a format, and where it goes.
type output struct {
	format string
	file   string // "" is stdout
}

// parseOutputs takes the values of -o apart, each FORMAT or FORMAT=FILE; "-" is stdout too. Without any, the first
// format goes to stdout. Every output has a place of its own.
func parseOutputs(values, formats []string) ([]output, error) {
	if len(values) == 0 {
		return []output{{format: formats[0]}}, nil
	}
	var all []output
	for _, value := range values {
		format, file, toFile := strings.Cut(value, "=")
		switch {
		case value == "":
			return nil, usage("leave -o out, or give it a format", "-o is empty")
		case !slices.Contains(formats, format):
			last := len(formats) - 1
			hint := "the formats are " + strings.Join(formats[:last], ", ") + " and " + formats[last]
			if n := scenarios.Nearest(format, formats); n != "" {
				hint = "did you mean " + n + "? " + hint
			}
			return nil, usage(hint, "unknown format %q", format)
		case toFile && file == "":
			return nil, usage("write -o "+format+"=FILE", "-o %s names no file", value)
		case file == "-":
			file = ""
		case toFile:
			file = filepath.Clean(file)
		}
		i := slices.IndexFunc(all, func(o output) bool { return o.file == file })
		switch {
		case i >= 0 && file == "":
			return nil, usage(fmt.Sprintf("name a file for one of them: -o %s=FILE", format), "-o %s and -o %s both go to stdout", all[i].format, format)
		case i >= 0:
			return nil, usage("name another file for one of them", "-o %s and -o %s both go to %s", all[i].format, format, file)
		}
		all = append(all, output{format, file})
	}
	return all, nil
}

// keepInputs refuses outputs that would overwrite one of the files that are read.
func keepInputs(outputs []output, read []string) error {
	for _, o := range outputs {
		target, err := os.Stat(o.file)
		for _, name := range read {
			same := o.file != "" && filepath.Clean(name) == o.file
			if err == nil && !same {
				source, err := os.Stat(name)
				same = err == nil && os.SameFile(source, target)
			}
			if same {
				return usage("name another file", "-o %s=%s would overwrite what is read", o.format, o.file)
			}
		}
	}
	return nil
}

// options are how an output is written: coloured as --color says, but by itself never in a file.
func (s streams) options(o output, color string) report.Options {
	if o.file != "" && color == "auto" {
		color = "never"
	}
	return report.Options{Width: s.width(), Color: s.colored(color)}
}

// A result is what an output is to hold, until all are complete.
type result struct {
	output
	text bytes.Buffer
	move move // of a file that is replaced; of others it is empty
}

// writeOutputs writes every output, all or none: files are replaced when all are complete, and one that cannot be
// written is said before write is called for the first. What is no regular file, such as a pipe, is written to as it is.
func (s streams) writeOutputs(outputs []output, write func(io.Writer, output) error) error {
	results := make([]result, len(outputs))
	for i, o := range outputs {
		r := &results[i]
		r.output = o
		if o.file == "" {
			continue
		}
		var err error
		if r.move, err = stage(o.file); err != nil {
			return unwritable(o.file, err)
		}
		if r.move.from != "" {
			defer os.RemoveAll(filepath.Dir(r.move.from))
		}
	}
	for i := range results {
		if err := write(&results[i].text, results[i].output); err != nil {
			return err
		}
	}
	var moves []move
	for i := range results {
		if r := &results[i]; r.move.from != "" {
			if err := r.fill(); err != nil {
				return unwritable(r.file, err)
			}
			moves = append(moves, r.move)
		}
	}
	if err := moveAll(moves); err != nil {
		return environment(err)
	}
	for i := range results {
		if err := results[i].direct(s.out); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the file that takes the other's place, as readable as that was.
func (r *result) fill() error {
	if err := os.WriteFile(r.move.from, r.text.Bytes(), 0o666); err != nil {
		return err
	}
	info, err := os.Stat(r.move.to)
	if err != nil {
		return nil // it is new
	}
	return os.Chmod(r.move.from, info.Mode().Perm())
}

// direct writes what is not moved.
func (r *result) direct(stdout io.Writer) error {
	switch {
	case r.file == "":
		_, err := stdout.Write(r.text.Bytes())
		return environment(err)
	case r.move.from != "":
		return nil
	}
	if err := os.WriteFile(r.file, r.text.Bytes(), 0o666); err != nil {
		return unwritable(r.file, err)
	}
	return nil
}

// stage makes a place beside a file from which it is replaced in one step, or none where that is not possible: the file
// is then written to directly. It fails where the file cannot be written.
func stage(file string) (move, error) {
	to, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		to = file
	} else if err != nil {
		return move{}, err
	}
	info, err := os.Stat(to)
	exists := err == nil
	switch {
	case exists && info.IsDir():
		return move{}, errors.New("is a folder")
	case exists && !info.Mode().IsRegular():
		return move{}, nil
	case exists:
		f, err := os.OpenFile(to, os.O_WRONLY, 0)
		if err != nil {
			return move{}, err
		}
		f.Close()
	}
	dir, err := os.MkdirTemp(filepath.Dir(to), ".scenario-")
	if err != nil && exists {
		return move{}, nil
	}
	return move{filepath.Join(dir, filepath.Base(to)), to}, err
}

// unwritable names the file that the user named, not one of ours beside it.
func unwritable(file string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	hint := ""
	if dir := filepath.Dir(file); errors.Is(err, fs.ErrNotExist) {
		hint = "make the folder " + dir + " first"
	}
	return &statusError{fmt.Errorf("write %s: %w", file, err), exitEnvironment, hint}
}
