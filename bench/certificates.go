package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// certificates has package certs measure itself: a thousand certificates in a store, beside the cryptography of as many by
// crypto/x509 alone. Once on the disk, where making four files and folders for each weighs as much as the file system has it
// weigh, and once in memory, where there is one.
func certificates() error {
	const memory = "/dev/shm"
	fmt.Println("1000 certificates into a new store, beside their cryptography alone (medians of 11 runs, in turns)")
	places := map[string]string{"on the disk": os.TempDir()}
	if _, err := os.Stat(memory); err == nil {
		places["in memory"] = memory
	}
	for _, place := range []string{"on the disk", "in memory"} {
		if places[place] == "" {
			continue
		}
		run := exec.Command("go", "test", "-C", "..", "./certs", "-run", "^$", "-bench", "^BenchmarkThousand$", "-benchtime", "11x")
		run.Env = append(os.Environ(), "TMPDIR="+places[place])
		out, err := run.Output()
		if err != nil {
			return fmt.Errorf("BenchmarkThousand: %w: %s", err, out)
		}
		for line := range strings.Lines(string(out)) {
			if strings.HasPrefix(line, "Benchmark") {
				// The first three are its name, how often it ran, and what both sides took together.
				fmt.Printf("  %-12s %s\n", place, strings.Join(strings.Fields(line)[4:], " "))
			}
		}
	}
	fmt.Println()
	return nil
}
