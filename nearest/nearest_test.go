package nearest

import "testing"

func TestOf(t *testing.T) {
	candidates := []string{"expose", "redirect", "enroll", "control-plane", "1a", "1b"}
	for in, want := range map[string]string{
		"Expose": "expose", "exopse": "expose", "controlplane": "control-plane", "redirct": "redirect",
		"1": "1a", "2a": "1a", "something": "", "": "",
	} {
		if got := Of(in, candidates); got != want && in != "" {
			t.Errorf("Of(%q) = %q, want %q", in, got, want)
		}
	}
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
