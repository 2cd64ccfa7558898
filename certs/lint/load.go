package lint

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cloudflare/cfssl/config"
	"github.com/cloudflare/cfssl/csr"
	cferr "github.com/cloudflare/cfssl/errors"
	"github.com/cloudflare/cfssl/log"
)

// cfssl logs to standard error what findings say.
func init() { log.Level = log.LevelFatal }

// load lets cfssl itself read a configuration in which nothing was found to refuse, so that nothing is called good that it
// does not take.
func (l *linter) load(signing *value) {
	if l.refused {
		return
	}
	if err := guard(func() error { _, err := config.LoadConfig(l.withoutLateKeys()); return err }); err != nil {
		l.refuse("refused", signing, err.Error(), "Mend what cfssl says")
	}
}

// generate lets cfssl make a certificate request, with a key that is thrown away.
func (l *linter) generate(root *value) {
	if l.refused {
		return
	}
	err := guard(func() error {
		var r csr.CertificateRequest
		if err := json.Unmarshal(l.text, &r); err != nil {
			return err
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		_, err = csr.GenerateDER(key, &r)
		return err
	})
	if err != nil {
		l.refuse("refused", root, err.Error(), "Mend what cfssl says")
	}
}

// guard turns a panic of cfssl into an error, and unwraps its errors, whose text is JSON.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cfssl crashes: %v", p)
		}
		var wrapped *cferr.Error
		if errors.As(err, &wrapped) {
			err = errors.New(wrapped.Message)
		}
	}()
	return f()
}

// withoutLateKeys is the text with one key for all that come from files and variables, which are not looked at.
func (l *linter) withoutLateKeys() []byte {
	root, err := parse(l.file, l.text)
	if err != nil {
		return l.text
	}
	text := bytes.Clone(l.text)
	var late []*value
	for _, e := range root.entries {
		if !strings.EqualFold(e.name, "auth_keys") {
			continue
		}
		for _, k := range e.value.entries {
			for _, f := range k.value.entries {
				key, _ := f.value.string()
				if strings.EqualFold(f.name, "key") && (strings.HasPrefix(key, "env:") || strings.HasPrefix(key, "file:") && key != "file:") {
					late = append(late, f.value)
				}
			}
		}
	}
	for i := len(late) - 1; i >= 0; i-- { // from the end, so that offsets stay
		x := late[i]
		text = append(text[:x.offset:x.offset], append([]byte(`"00"`), text[x.offset+len(x.raw):]...)...)
	}
	return text
}
