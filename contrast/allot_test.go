package contrast

import (
	"slices"
	"testing"
)

func TestAllot(t *testing.T) {
	remotes := func(given ...string) []Egress {
		var all []Egress
		for i := 0; i < len(given); i += 2 {
			all = append(all, Egress{Listen: given[i], Remote: given[i+1]})
		}
		return all
	}
	for name, tc := range map[string]struct {
		in    []Egress
		taken []int
		want  []string
	}{
		"an address each, the remote's port": {remotes("", "a:80", "", "b:80", "", "c:5432"), nil, []string{"127.137.0.1:80", "127.137.0.2:80", "127.137.0.3:5432"}},
		"what is given stays, and its address is passed over": {remotes("", "a:80", "127.137.0.2:81", "b:80", "127.137.0.1:82", "c:80", "", "d:80"), nil,
			[]string{"127.137.0.3:80", "127.137.0.2:81", "127.137.0.1:82", "127.137.0.4:80"}},
		"a port that a container has is not used":  {remotes("", "a:8080"), []int{8080, 8081}, []string{"127.137.0.1:8082"}},
		"nor are those of the sidecar":             {remotes("", "a:15006"), nil, []string{"127.137.0.1:15008"}},
		"after the last port comes the first":      {remotes("", "a:65535"), []int{65535}, []string{"127.137.0.1:1024"}},
		"a remote without a port has no socket":    {remotes("", "a", "", "b:80"), nil, []string{"", "127.137.0.2:80"}},
		"nor has one whose port is none":           {remotes("", "a:70000", "", "a:http"), nil, []string{"", ""}},
		"what cannot be read is left for checking": {remotes("x", "a:80", "", "b:80"), nil, []string{"x", "127.137.0.1:80"}},
	} {
		before := slices.Clone(tc.in)
		var got []string
		for _, e := range Allot(tc.in, tc.taken...) {
			got = append(got, e.Listen)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
		if !slices.Equal(tc.in, before) {
			t.Errorf("%s: the argument is changed", name)
		}
	}
}

// There are more addresses than those that end in 1 to 254.
func TestAllotMany(t *testing.T) {
	all := Allot(slices.Repeat([]Egress{{Remote: "a:80"}}, 300))
	if got, want := all[299].Listen, "127.137.1.44:80"; got != want {
		t.Errorf("the 300th socket is %s, want %s", got, want)
	}
}
