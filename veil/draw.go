package veil

import (
	"regexp"
	"strings"
)

var (
	block = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]+-----.*?(-----END [A-Z0-9 ]+-----|$)`)
	run   = regexp.MustCompile(`[A-Za-z0-9+/=]{40,}`)
)

// Drawn is what stands for what must not be seen.
const Drawn = "(what looks like a key)"

// Draw draws a veil over what may be a private key in a text, such as an error that repeats what stood in the wrong file:
// blocks of PEM, and words of base64 as long as a line of one.
func Draw(text string) string {
	return run.ReplaceAllStringFunc(block.ReplaceAllString(text, Drawn), func(word string) string {
		if !encoded(word) {
			return word
		}
		return Drawn
	})
}

// encoded tells base64 of random bytes from a long name, a digest in hexadecimal digits and a path, whose parts are shorter.
func encoded(word string) bool {
	return strings.ContainsAny(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && strings.ContainsAny(word, "ghijklmnopqrstuvwxyz") &&
		strings.ContainsAny(word, "0123456789") && strings.Count(word, "/")*10 <= len(word)
}
