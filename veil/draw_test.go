package veil

import "testing"

func TestDraw(t *testing.T) {
	const line = "MHcCAQEEICvEu2N76Hi9XBpVJga+6odxPUR3ECBV5OjzvtjFYQZVoAoGCCqGSM49"
	for text, want := range map[string]string{
		`"-----BEGIN EC PRIVATE KEY-----\n` + line + `\n-----END EC PRIVATE KEY-----\n" is no host`: `"` + Drawn + `\n" is no host`,
		"-----BEGIN EC PRIVATE KEY----- " + line[:20]:                                               Drawn,
		line + " " + line + ` is no definition`:                                                     Drawn + " " + Drawn + " is no definition",
		`unknown field "` + line + `"`:                                                              `unknown field "` + Drawn + `"`,
		// None of these is one.
		"a.yaml:3: spec.service.host: 70000 is not a port":                                             "",
		"/Users/JohnDoe123/Projects/SomeLongName/AnotherLongName/pki: no such file":                    "",
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08":                             "",
		"DESTINATIONRULEWITHALONGNAMEANDWITHOUTDIGITS and aVeryLongNameOfManyWordsWithoutAnyDigitInIt": "",
	} {
		if want == "" {
			want = text
		}
		if got := Draw(text); got != want {
			t.Errorf("%q:\ngot  %q\nwant %q", text, got, want)
		}
	}
}
