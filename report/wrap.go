package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A tie is a space at which no line is broken while it fits otherwise.
const tie = "\u00a0"

// A bond is one at which a line is not even broken then, but at the next joint of the name behind it.
const bond = "\u202f"

var spaces = strings.NewReplacer(tie, " ", bond, " ")

// clean makes a text safe to print: names of objects come from files, and may hold anything.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '\ufffd'
		}
		return r
	}, s)
}

func length(s string) int { return utf8.RuneCountInString(s) }

// pad fills a cell.
func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-length(s))) }

// nth is a line, or nothing where there are fewer.
func nth(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// wrap breaks a text into lines of at most width: at spaces, and what has none where names have their joints.
func wrap(s string, width int) []string {
	lines, _ := wrapCost(s, width)
	return lines
}

// wrapHanging sets all lines but the first in.
func wrapHanging(s string, width, in int) []string {
	lines := wrap(s, width)
	if len(lines) == 1 {
		return lines
	}
	rest := string([]rune(clean(s))[length(lines[0]):])
	lines = lines[:1]
	for _, line := range wrap(strings.TrimLeft(rest, " "+tie+bond), width-in) {
		lines = append(lines, strings.Repeat(" ", in)+line)
	}
	return lines
}

// wrapCost counts, besides, how often something was broken that is better in one piece.
func wrapCost(s string, width int) (lines []string, broken int) {
	width = max(width, 1)
	line := ""
	for _, word := range strings.Split(clean(s), " ") {
		if length(word) > width && strings.Contains(word, tie) {
			broken++
			for _, part := range strings.Split(word, tie) {
				line = add(&lines, line, part, width, &broken)
			}
			continue
		}
		line = add(&lines, line, word, width, &broken)
	}
	lines = append(lines, line)
	for i := range lines {
		lines[i] = spaces.Replace(lines[i])
	}
	return lines, broken
}

// add puts a word behind a line, and returns the line that is then the last.
func add(lines *[]string, line, word string, width int, broken *int) string {
	if line == "" {
		line = word
	} else if length(line)+1+length(word) <= width {
		return line + " " + word
	} else {
		*lines = append(*lines, line)
		line = word
	}
	for length(line) > width {
		at := joint(line, width)
		*broken += 2
		*lines = append(*lines, line[:at])
		line = line[at:]
	}
	return line
}

// joint is where to break a name that is longer than width, in bytes: behind a slash, before a dot or a colon, behind a
// dash, or else wherever the width ends.
func joint(s string, width int) int {
	strong, weak, end, n := 0, 0, 0, 0
	last := ' '
	for i, r := range s {
		end = i
		switch {
		case n == 0:
		case last == '/' && r != '/', r == '.', r == ':' && !strings.HasPrefix(s[i:], "://"):
			strong = i
		case strings.ContainsRune("-_,&?="+bond, last):
			weak = i
		}
		if n == width {
			break
		}
		last = r
		n++
	}
	switch least := width / 4; {
	case strong > least:
		return strong
	case weak > least:
		return weak
	}
	return end
}
