package kit

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// words are what people, and others, might give for a name.
var words = []string{
	"", "a", "greeting.remote.com", "a b", "it's", `"`, `\`, `\'`, "$(touch canary)", "`touch canary`", "${HOME}", "$HOME", "a;touch canary",
	"a\ntouch canary\n", "\n", "-rf", "--kubeconfig=x", "*", "~", "~root", "#", "!", "&", "|", ">canary", "a=b", "'$(touch canary)'", "'; touch canary; '",
	"\t", "\r", "\x01\x7f", "\xff\xfe", "é", "%s%n", "{a,b}", "[a]", "a\\\nb", "EOF", "LIST",
}

// TestQuote gives the words to a real shell, which must give them back.
func TestQuote(t *testing.T) { through(t, words...) }

// FuzzQuote: whatever the word, it is the same argument.
func FuzzQuote(f *testing.F) {
	for _, w := range words {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, word string) { through(t, strings.ReplaceAll(word, "\x00", "")) })
}

func through(t *testing.T, words ...string) {
	t.Helper()
	s := &script{}
	s.call("give", words...)
	for _, w := range words {
		s.set("word", w)
		s.raw(`printf '%s\0' "$word"`)
	}
	text := "give() { for one in \"$@\"; do printf '%s\\0' \"$one\"; done; }\n" + s.text.String()
	command := exec.Command("sh", "-eu", "-c", text)
	command.Dir = t.TempDir()
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	want := append(append([]string{}, words...), words...)
	if !bytes.Equal([]byte(strings.Join(got, "\x00")), []byte(strings.Join(want, "\x00"))) {
		t.Errorf("the shell got %q of %q", got, want)
	}
}

// TestQuoteNUL: no argument can have it.
func TestQuoteNUL(t *testing.T) {
	if got := Quote("a\x00b"); got != "ab" {
		t.Errorf("%q", got)
	}
}
