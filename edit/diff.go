package edit

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff is a change as a unified diff that "git apply" and "patch -p1" take in the folder that file names count from.
func (c Change) Diff() []byte {
	name := strings.TrimPrefix(filepath.ToSlash(filepath.Clean(c.File)), "/")
	text := diff.Diff("a", c.Before, "b", c.After)
	if text == nil {
		return nil
	}
	hunks := text[bytes.Index(text, []byte("\n@@"))+1:]
	return append([]byte("--- "+label("a/"+name)+"\n+++ "+label("b/"+name)+"\n"), hunks...)
}

// label is the name of a file in the head of a diff: in quotes where it holds something odd, and with a tab after it
// where it holds a space, as Git does.
func label(name string) string {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			return strconv.Quote(name)
		}
	}
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}
