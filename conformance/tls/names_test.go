package handshake

import "testing"

// TestDNSMatch has what Envoy's tests of the same function have, and the cases that people trip over.
func TestDNSMatch(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		want          bool
	}{
		{"a.example", "a.example", true},
		{"A.Example", "a.eXample", true},
		{"a.example", "b.example", false},
		{"a.b.example", "*.b.example", true},
		{"a.b.example", "*.example", false},
		{"b.example", "*.b.example", false},
		{"*.b.example", "*.b.example", true},
		{"abc.example", "a*.example", true},
		{"abc.example", "*c.example", true},
		{"abc.example", "a*c.example", true},
		{"ac.example", "a*c.example", true},
		{"a.example", "a*a.example", false},
		{"abc.example", "*b*.example", false},
		{"abc.example", "abc.*", false},
		{"a.b.example", "a.*.example", false},
		{"xn--abc.example", "xn--*.example", false},
		{"xn--abc.example", "*.example", true},
		{"example", "*", false},
		{"a.example", "*", false},
		{"a.example", "", false},
		{"", "*.example", false},
		// The final dot is a character as others are.
		{"a.example.", "a.example", false},
	} {
		if got := dnsMatch(c.name, c.pattern); got != c.want {
			t.Errorf("%q against %q: %v, want %v", c.name, c.pattern, got, c.want)
		}
	}
}
