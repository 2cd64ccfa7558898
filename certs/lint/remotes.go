package lint

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/cloudflare/cfssl/api/client"
)

// remotes looks at the servers that profiles leave signing to.
func (l *linter) remotes(root *value, all []profile) {
	remotes := root.each("remotes")
	used := map[string]bool{}
	for _, p := range all {
		l.remote(p, remotes, used)
	}
	for _, e := range remotes {
		switch {
		case e.value.bad:
		case used[e.name]:
			l.address(e)
		case !l.said("unknown-remote", "no-remote"):
			l.add(Warning, "unused-remote", e.value, fmt.Sprintf("no profile uses the remote %q", e.name), "Nothing is sent there", "Name it in the auth_remote of a profile, or remove it")
		}
	}
}

// remote looks at what one profile says of a server.
func (l *linter) remote(p profile, remotes []*entry, used map[string]bool) {
	auth := p.get("auth_remote")
	open, guarded := p.str("remote"), auth.str("remote")
	var names []string
	for _, e := range remotes {
		if s, _ := e.value.string(); s != "" {
			names = append(names, e.name)
		}
	}
	for _, x := range []*value{p.get("remote"), auth.get("remote")} {
		if name, _ := x.string(); name != "" {
			used[name] = true
			if !slices.Contains(names, name) {
				l.refuse("unknown-remote", x, fmt.Sprintf("remotes has no address for %q", name), didYouMean(name, names, "Add its address, with https://, to remotes"))
			}
		}
	}
	switch {
	case open != "" && guarded != "":
		l.refuse("two-remotes", p.at("remote"), fmt.Sprintf("%s has both a remote and an auth_remote", p), "Keep auth_remote")
	case open != "":
		l.add(Error, "open-remote", p.at("remote"), fmt.Sprintf("%s asks %q without showing a key", p, open),
			"That works only with a server that signs for whoever asks; an auth_key here is for those who ask this one",
			fmt.Sprintf(`Write "auth_remote": {"remote": %q, "auth_key": …} instead`, open))
	case auth != nil && auth.lacks("remote") && auth.str("auth_key") != "":
		l.refuse("no-remote", auth, fmt.Sprintf("the auth_remote of %s has an auth_key, but no remote", p), "Name the server, as remotes does")
	case guarded != "" && auth.lacks("auth_key"):
		l.refuse("no-remote-key", auth, fmt.Sprintf("the auth_remote of %s has no auth_key", p), "Name the key, as auth_keys does")
	}
}

// address looks at one server that is used; several may stand between commas.
func (l *linter) address(e *entry) {
	text, _ := e.value.string()
	if text == "" {
		return // an unknown remote
	}
	server := client.NewServer(text)
	if server == nil {
		l.add(Error, "bad-address", e.value, fmt.Sprintf("the address of the remote %q is none: %q", e.name, text), "cfssl fails at every request that goes there", "Write https://HOST:PORT")
		return
	}
	for _, host := range server.Hosts() {
		u, err := url.Parse(host)
		if err != nil || u.Scheme == "https" || loopback(u.Hostname()) {
			continue
		}
		message := fmt.Sprintf("the remote %q is asked without TLS", e.name)
		if !strings.Contains(text, "://") {
			message += ", as wherever no scheme is written"
		}
		l.add(Error, "plaintext-remote", e.value, message, "Whoever is on the way can send a recorded request again, and give another certificate as the answer", fmt.Sprintf("Write https://%s, and start that server with -tls-cert and -tls-key", u.Host))
		return
	}
}

// loopback says whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
