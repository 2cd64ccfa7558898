package handshake

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// tally is what the tests print at their end.
var tally struct {
	sync.Mutex
	took           []time.Duration // of each handshake that was foretold
	asForetold     int
	openssl, apart int // second opinions, and those that are known to differ
	start          time.Duration
	rss            string
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == orphanage {
		leaveAnOrphan()
	}
	code := m.Run()
	if count := len(tally.took); count > 0 {
		slices.Sort(tally.took)
		fmt.Printf("handshake  (the harness of the tls judge, by itself) %d handshakes, %d as foretold, %d otherwise, median %.2f ms, slowest %.2f ms; openssl asked about %d, differs in %d as known; nginx up in %.0f ms, %s\n",
			count, tally.asForetold, count-tally.asForetold, milliseconds(tally.took[count/2]), milliseconds(tally.took[count-1]),
			tally.openssl, tally.apart, milliseconds(tally.start), tally.rss)
	}
	os.Exit(code)
}

func milliseconds(d time.Duration) float64 {
	return float64(d) / float64(time.Millisecond)
}

// must is for what only a broken machine refuses.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// rss is the memory a process has now, as the kernel writes it.
func rss(pid int) string {
	status := must(os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)))
	for line := range strings.Lines(string(status)) {
		if size, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return "RSS " + strings.TrimSpace(size)
		}
	}
	return "RSS unknown"
}
