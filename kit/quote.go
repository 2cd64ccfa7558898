package kit

import (
	"regexp"
	"strings"
)

// plainWord is what a shell takes as it stands, as an argument and as the value of a variable.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9/._:,=@%+-]+$`)

// Quote writes a word for a POSIX shell: it is one argument, these very bytes, whatever they are. A NUL byte, which no
// argument can have, is left out.
func Quote(word string) string {
	word = strings.ReplaceAll(word, "\x00", "")
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// A script is a POSIX shell script as it is written.
type script struct{ text strings.Builder }

// raw writes a line of ours.
func (s *script) raw(line string) { s.text.WriteString(line + "\n") }

// call writes a call of a command of ours with arguments, whatever they are.
func (s *script) call(command string, arguments ...string) {
	s.text.WriteString(command)
	for _, a := range arguments {
		s.text.WriteString(" " + Quote(a))
	}
	s.text.WriteString("\n")
}

// set writes a variable of ours.
func (s *script) set(name, value string) { s.raw(name + "=" + Quote(value)) }
