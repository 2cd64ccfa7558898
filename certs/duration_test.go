package certs

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90d": 90 * day, "36h": 36 * time.Hour, "10y": 3650 * day, "1d12h": 36 * time.Hour, "2w": 14 * day, "90m": 90 * time.Minute,
		"1y1w1d1h1m": 373*day + 61*time.Minute, "0d1h": time.Hour, "100y": 36500 * day,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"": "no time", "0d": "no time", "0": "no time span", "90": "no time span", "d": "no time span", "-1d": "no time span", "1.5d": "no time span", "1 d": "no time span",
		"90D": "no time span", "1d ": "no time span", "101y": "more than a hundred years", "100y1m": "more than a hundred years", "999999y": "more than a hundred years",
		"9999999d": "no time span", "٣d": "no time span", "1s": "no time span",
	} {
		if got, err := ParseDuration(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// FuzzDuration reads time spans: what is read lies within what is promised, and what is written is read again, to the hour
// where there are days.
func FuzzDuration(f *testing.F) {
	f.Add("90d")
	f.Add("1y2w3d4h5m")
	f.Add("999999m999999m")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if d <= 0 || d > 100*365*day || d%time.Minute != 0 {
			t.Fatalf("%q is %v", text, d)
		}
		again, err := ParseDuration(Duration(d))
		if err != nil || again > d || d-again >= time.Hour || d < day && again != d {
			t.Errorf("%q is %v, written %s, read %v, %v", text, d, Duration(d), again, err)
		}
	})
}

func address(text string) net.IP {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return nil
	}
	return addr.AsSlice()
}
