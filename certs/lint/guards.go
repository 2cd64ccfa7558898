package lint

import (
	"fmt"
	"slices"
)

// guarded says that cfssl serve signs by the profile only for who shows a key.
func (p profile) guarded() bool { return p.str("auth_key") != "" }

// disable is what no file can say: newcert signs by a guarded profile too, for whoever asks (cfssl v1.6.5,
// api/generator), and so it must be taken off the server.
const disable = ", and start cfssl serve with -disable sign,newcert"

// guards looks at whom a server would sign for. cfssl answers authsign by the profiles with an auth_key, and sign by
// those without, for whoever reaches it.
func (l *linter) guards(root, signing *value, all []profile) {
	server := slices.ContainsFunc(all, profile.guarded)
	keys := len(root.each("auth_keys")) > 0
	local := slices.ContainsFunc(all, func(p profile) bool { return !p.remote() })
	if !server && !keys {
		if local || len(all) == 0 {
			l.add(Warning, "unauthenticated", signing, "no profile asks for an auth_key",
				"A server with this file signs any name for whoever reaches its port. To sign with cfssl on this machine alone, it does",
				"Give auth_keys a key from a file and each profile an auth_key"+disable)
		}
		return
	}
	for _, p := range all {
		// A client's profiles ask the server with a key of auth_remote, and guard nothing.
		if p.lacks("auth_key") && (server || !p.remote()) {
			l.add(Error, "open-profile", p.value, fmt.Sprintf("%s asks for no auth_key", p),
				openness(p), "Give it an auth_key too"+disable)
		}
	}
	if server && signing.lacks("default") {
		l.add(Error, "open-default", signing, "there is no default profile, so that cfssl makes one up, which asks for no auth_key",
			"sign answers whoever reaches the server, with a certificate for servers and clients, any name, of 365 days",
			"Write signing.default, with an auth_key"+disable)
	}
}

// openness says what comes of a profile without a guard.
func openness(p profile) string {
	name := "that names it"
	if p.Default {
		name = "that names no profile"
	}
	what := "any name"
	if p.isCA() {
		what = "a CA"
	}
	return fmt.Sprintf("sign gives %s to whoever reaches the server and sends a request %s, while authsign refuses it", what, name)
}
