package bundle

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestVeiled: values that are filled in later are no problem of the file, and those that are merely wrong still are.
func TestVeiled(t *testing.T) {
	const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\n"
	for name, c := range map[string]struct {
		text, key, value string
		problems         string
	}{
		"sops":          {secret + "data: {tls.crt: 'ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]'}\nsops: {version: 3.8.1}", "tls.crt", "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]", ""},
		"sops's field":  {secret + "data: {tls.crt: aGVsbG8=}\nsops: {version: 3.8.1}", "tls.crt", "hello", ""},
		"variable":      {secret + "data: {tls.crt: '${CRT}', tls.key: aGVsbG8=}", "tls.key", "hello", ""},
		"wrong as well": {secret + "data: {tls.crt: '${CRT}', tls.key: '!!'}\nspec: {}", "", "", `data["tls.key"], spec`},
		"wrong":         {secret + "data: {tls.key: '!!'}", "", "", `data["tls.key"]`},
	} {
		b, err := Read(name, strings.NewReader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		typed, problems := b.Objects[0].Lenient()
		var fields []string
		for _, p := range problems {
			fields = append(fields, p.Field)
		}
		if got := strings.Join(fields, ", "); got != c.problems {
			t.Errorf("%s: problems of %q, want %q", name, got, c.problems)
		}
		if s, ok := typed.(*corev1.Secret); c.key != "" && (!ok || string(s.Data[c.key]) != c.value) {
			t.Errorf("%s: %v", name, typed)
		}
	}
}
