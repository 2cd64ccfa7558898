package lint

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/cloudflare/cfssl/config"
	"github.com/cloudflare/cfssl/csr"

	"github.com/meshscenario/scenario/nearest"
)

var (
	configFields  = []string{"signing", "auth_keys", "remotes", "ocsp"}
	requestFields = []string{"CN", "names", "hosts", "key", "ca", "serialnumber", "delegation_enabled", "extensions", "crl_url"}
)

// kindOf says what a file is by the fields that it has, misspelt or not; "" is neither.
func kindOf(root *value) Kind {
	score := func(known []string) (n int) {
		for _, e := range root.entries {
			switch near := nearest.Of(e.name, known); {
			case strings.EqualFold(near, e.name):
				n += 3
			case near != "" && len(e.name) > 3: // short ones are near to everything
				n++
			}
		}
		return n
	}
	config, request := score(configFields), score(requestFields)
	switch {
	case config == 0 && request == 0:
		return ""
	case config >= request:
		return Config
	}
	return Request
}

// A profile is a signing profile, or what cfssl makes certificates by where none is named.
type profile struct {
	*value
	name    string
	Default bool
}

func (p profile) String() string {
	if p.Default {
		return "the default profile"
	}
	return fmt.Sprintf("profile %q", p.name)
}

// remote says that the profile leaves signing to another server.
func (p profile) remote() bool {
	auth := p.get("auth_remote")
	return !p.lacks("remote") || auth != nil && len(auth.entries) > 0 || p.explained("auth_remote")
}

// config looks at a configuration, and says whether one of its profiles asks for an auth_key.
func (l *linter) config(root *value) (guarded bool) {
	l.refusal = "cfssl refuses the file, and no command of it starts"
	l.shape(root, reflect.TypeFor[config.Config]())
	if root.lacks("signing") {
		l.refuse("no-signing", root, `there is no "signing" section`, "Write signing.default with usages, expiry and auth_key")
	}
	signing := root.get("signing")
	if signing == nil {
		return false
	}
	var all []profile
	if d := signing.get("default"); d != nil {
		all = append(all, profile{d, "", true})
	}
	for _, e := range signing.each("profiles") {
		if e.value.token == nil {
			l.refuse("no-usages", e.value, fmt.Sprintf("profile %q is null", e.name), "Remove it, or write its usages and expiry")
		} else if !e.value.bad {
			all = append(all, profile{e.value, e.name, false})
		}
	}
	for _, p := range all {
		l.profile(p)
		guarded = guarded || p.guarded()
	}
	l.guards(root, signing, all)
	l.remotes(root, all)
	l.keys(root, all)
	l.load(signing)
	return guarded
}

// request looks at a certificate request.
func (l *linter) request(root *value) {
	l.refusal = "cfssl makes no certificate of it"
	l.shape(root, reflect.TypeFor[csr.CertificateRequest]())
	l.subject(root)
	l.key(root)
	if ca := root.get("ca"); ca != nil || l.looksLikeCA(root) {
		l.authority(root, ca)
	} else {
		l.leaf(root)
	}
	for _, h := range root.list("hosts") {
		l.host(h)
	}
	l.generate(root)
}
