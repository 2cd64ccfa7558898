package lint

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// keyFields are where a profile names keys: for who asks, for who asked before the key was changed, and for asking another
// server.
func (p profile) keyFields() []*value {
	var all []*value
	for _, x := range []*value{p.get("auth_key"), p.get("prev_auth_key"), p.get("auth_remote").get("auth_key")} {
		if s, _ := x.string(); s != "" {
			all = append(all, x)
		}
	}
	return all
}

// keys looks at auth_keys, and at who names them.
func (l *linter) keys(root *value, all []profile) {
	keys := root.each("auth_keys")
	var names []string
	for _, e := range keys {
		names = append(names, e.name)
	}
	used := map[string]bool{}
	for _, p := range all {
		for _, x := range p.keyFields() {
			name, _ := x.string()
			used[name] = true
			if !slices.Contains(names, name) {
				l.refuse("unknown-key", x, fmt.Sprintf("auth_keys has no key %q", name), didYouMean(name, names, "Add it to auth_keys, from a file"))
			}
		}
		l.rotation(p, keys)
	}
	for _, e := range keys {
		switch {
		case e.value.bad || e.value.token == nil:
		case used[e.name]:
			l.authKey(e)
		case !l.said("open-profile", "unknown-key", "same-key", "open-remote", "no-remote-key"):
			l.add(Warning, "unused-key", e.value, fmt.Sprintf("nothing asks for the key %q", e.name), "It guards nothing", "Name it in the auth_key of a profile, or remove it")
		}
	}
}

// rotation looks at the key that is on its way out.
func (l *linter) rotation(p profile, keys []*entry) {
	old, now := p.str("prev_auth_key"), p.str("auth_key")
	if old == "" || now == "" {
		return
	}
	value := func(name string) string {
		for _, e := range keys {
			if e.name == name {
				return strings.ToLower(e.value.str("key"))
			}
		}
		return ""
	}
	if old == now || value(old) == value(now) && value(now) != "" {
		l.add(Warning, "same-key", p.at("prev_auth_key"), fmt.Sprintf("the auth_key and the prev_auth_key of %s are the same", p),
			"The key is not being changed", "Make a new key for auth_key, and remove prev_auth_key when all clients have it")
	}
}

// fromFile is how a key is kept out of the configuration.
const fromFile = `Make one with openssl rand -hex 32, keep it in a file of a Secret, and write "key": "file:/path/to/it"`

// authKey looks at one key that is used.
func (l *linter) authKey(e *entry) {
	k := e.value
	if t := k.str("type"); t != "standard" && !k.at("type").bad && !k.meant["type"] {
		l.refuse("key-type", k.at("type"), fmt.Sprintf("the key %q is of type %q, which cfssl does not know", e.name, t), `Write "type": "standard"`)
	}
	text, written := k.get("key").string()
	at := k.at("key")
	prefix, rest, prefixed := strings.Cut(text, ":")
	bytes, err := hex.DecodeString(text)
	switch {
	case at.bad || k.meant["key"]:
	case prefixed && prefix == "env" && rest != "":
		l.add(Info, "key-from-environment", at, fmt.Sprintf("the key %q comes from the environment variable %s", e.name, rest),
			"Where that is not set, cfssl takes the empty key without a word, which everybody has", fmt.Sprintf("Start the server with ${%s:?}, or take the key from a file", rest))
	case prefixed && prefix == "file" && rest != "":
	case prefixed && prefix != "env":
		l.refuse("key-form", at, fmt.Sprintf("the key %q begins with neither env: nor file:, and is not hexadecimal", e.name), fromFile)
	case !written || text == "" || prefixed:
		l.add(Error, "empty-key", at, fmt.Sprintf("the key %q is empty", e.name), "cfssl takes it: whoever reaches the server can authenticate", fromFile)
	case err != nil:
		l.refuse("key-not-hex", at, fmt.Sprintf("the key %q is not hexadecimal", e.name), fromFile)
	default:
		l.clear(e.name, at, bytes)
	}
}

// clear looks at a key that is in the file itself.
func (l *linter) clear(name string, at *value, key []byte) {
	switch {
	case slices.Contains(published, hex.EncodeToString(key)):
		l.add(Error, "published-key", at, fmt.Sprintf("the key %q is that of a published example", name), "Everybody has it: whoever reaches the server can authenticate", fromFile)
	case len(key) < 16:
		l.add(Error, "short-key", at, fmt.Sprintf("the key %q has %d bits", name, 8*len(key)), "Who records a request can search for the key at leisure; 128 bits put it out of reach", fromFile)
	case few(key):
		l.add(Error, "guessable-key", at, fmt.Sprintf("the key %q repeats a few bytes", name), "Who records a request can search for the key at leisure", fromFile)
	default:
		l.add(Warning, "clear-key", at, fmt.Sprintf("the key %q is in the file itself", name), "Whoever reads the file, its ConfigMap or its history can have certificates signed", fromFile)
	}
}

// published are keys of examples: of tyk-k8s's guide to CFSSL, and of cfssl's documentation.
var published = []string{"6dcb98e9d24cc68ed627017e4a1a03b8", "0123456789abcdef0123456789abcdef"}

// few says that a key has hardly any different bytes. Of 16 random ones, fewer than 10 are different once in a hundred
// million keys.
func few(key []byte) bool {
	different := map[byte]bool{}
	for _, b := range key {
		different[b] = true
	}
	return len(different) < 10
}

// Published tells whether a key, in hexadecimal, is that of a published example.
func Published(key string) bool { return slices.Contains(published, strings.ToLower(key)) }
