package issued

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "conformance-tls-")
	if err == nil {
		defer os.RemoveAll(dir)
		tested, err = build(filepath.Join(dir, "scenario"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	status := m.Run()
	tally.print()
	return status
}

// must is for what only a broken machine refuses.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
