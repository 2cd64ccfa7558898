package traffic

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	security "istio.io/api/security/v1beta1"
)

// A peer is who sent a request, as far as the certificate tells that was verified.
type peer struct {
	identity string // the SPIFFE name; "" where none was shown
	foreign  bool   // one of another CA was shown, whose names the files do not tell
}

// An attempt is an HTTP request at a proxy, as a rule of an AuthorizationPolicy sees it.
type attempt struct {
	*message
	peer
	port int // that the proxy took it on
	mesh *settings
}

// An answer is whether a condition holds.
type answer int

// The answers, in the order in which one of several conditions that are enough outweighs the others.
const (
	no answer = iota
	perhaps
	yes
)

func (a answer) not() answer { return yes - a }

func answerOf(holds bool) answer {
	if holds {
		return yes
	}
	return no
}

// fitsAny is the first rule of a policy that fits best, and how well it does. A policy without rules fits nothing.
func (a attempt) fitsAny(namespace string, spec *security.AuthorizationPolicy) (rule int, fits answer) {
	for i, r := range spec.Rules {
		if own := a.fits(namespace, r); own > fits {
			rule, fits = i, own
		}
	}
	return rule, fits
}

// fits tells whether a rule is for the request: one of its sources, one of its operations and all conditions must be.
func (a attempt) fits(namespace string, r *security.Rule) answer {
	from, to, when := answerOf(len(r.From) == 0), answerOf(len(r.To) == 0), yes
	for _, f := range r.From {
		from = max(from, a.from(namespace, f.GetSource()))
	}
	for _, t := range r.To {
		to = max(to, a.to(t.GetOperation()))
	}
	for _, c := range r.When {
		when = min(when, a.when(c))
	}
	return min(from, to, when)
}

// oneOf tells whether one of the values fits, where there are any, and none of the others does.
func oneOf(values, notValues []string, fits func(string) answer) answer {
	any := func(list []string) (best answer) {
		for _, v := range list {
			best = max(best, fits(v))
		}
		return best
	}
	holds := any(notValues).not()
	if len(values) > 0 {
		holds = min(holds, any(values))
	}
	return holds
}

func (a attempt) from(namespace string, s *security.Source) answer {
	for _, list := range [][]string{
		s.GetIpBlocks(), s.GetNotIpBlocks(), s.GetRemoteIpBlocks(), s.GetNotRemoteIpBlocks(),
		s.GetRequestPrincipals(), s.GetNotRequestPrincipals(),
	} {
		if len(list) > 0 {
			return perhaps // addresses and tokens are not in the files
		}
	}
	return min(
		oneOf(s.GetPrincipals(), s.GetNotPrincipals(), a.principal),
		oneOf(s.GetNamespaces(), s.GetNotNamespaces(), a.namespace),
		oneOf(s.GetServiceAccounts(), s.GetNotServiceAccounts(), func(v string) answer {
			of, account, found := strings.Cut(v, "/")
			if !found {
				of, account = namespace, v
			}
			return a.account("/ns/" + of + "/sa/" + account)
		}),
	)
}

func (a attempt) to(o *security.Operation) answer {
	path, _, _ := strings.Cut(a.path, "?")
	return min(
		oneOf(o.GetHosts(), o.GetNotHosts(), func(v string) answer { return answerOf(fitsValue(strings.ToLower(v), strings.ToLower(a.host))) }),
		oneOf(o.GetMethods(), o.GetNotMethods(), func(v string) answer { return answerOf(fitsValue(v, a.method)) }),
		oneOf(o.GetPorts(), o.GetNotPorts(), func(v string) answer { return answerOf(v == strconv.Itoa(a.port)) }),
		oneOf(o.GetPaths(), o.GetNotPaths(), func(v string) answer {
			if strings.Contains(v, "{") {
				return perhaps // a template
			}
			return answerOf(fitsValue(v, path))
		}),
	)
}

func (a attempt) when(c *security.Condition) answer {
	var fits func(string) answer
	switch header, isHeader := strings.CutPrefix(c.Key, "request.headers["); {
	case c.Key == "source.principal":
		fits = a.principal
	case c.Key == "source.namespace":
		fits = a.namespace
	case c.Key == "destination.port":
		fits = func(v string) answer { return answerOf(v == strconv.Itoa(a.port)) }
	case isHeader:
		value, there := a.header(strings.TrimSuffix(header, "]"))
		fits = func(v string) answer { return answerOf(there && fitsValue(v, value)) }
	default:
		return perhaps
	}
	return oneOf(c.Values, c.NotValues, fits)
}

// fitsValue tells whether a text is of a value: itself, or with a star at one end; a star alone is any that is not empty.
func fitsValue(value, text string) bool {
	switch {
	case value == "*":
		return text != ""
	case strings.HasPrefix(value, "*"):
		return strings.HasSuffix(text, value[1:])
	case strings.HasSuffix(value, "*"):
		return strings.HasPrefix(text, value[:len(value)-1])
	}
	return value == text
}

// principal tells whether the caller has a name. The trust domain cluster.local stands for the mesh's own, and so do its
// aliases.
func (a attempt) principal(value string) answer {
	if known, ok := a.told(); !ok {
		return known
	}
	if td, rest, found := strings.Cut(value, "/"); found && (td == domain || slices.Contains(a.mesh.aliases, td)) {
		value = a.mesh.trustDomain + "/" + rest
	}
	name := strings.TrimPrefix(a.identity, "spiffe://")
	known, open := strings.CutSuffix(name, "*")
	switch {
	case !open:
		return answerOf(fitsValue(value, name))
	case value == "*" || strings.HasSuffix(value, "*") && strings.HasPrefix(known, strings.TrimSuffix(value, "*")):
		return yes
	case strings.HasPrefix(value, "*") || strings.HasPrefix(strings.TrimSuffix(value, "*"), known):
		return perhaps
	}
	return no
}

// namespace tells whether the caller is of a namespace, which may have stars anywhere.
func (a attempt) namespace(value string) answer {
	if known, ok := a.told(); !ok {
		return known
	}
	fits, err := matchesRegex(".*/ns/"+strings.ReplaceAll(regexp.QuoteMeta(value), `\*`, ".*")+"/.*", a.identity)
	if err != nil {
		return perhaps
	}
	return answerOf(fits)
}

// account tells whether the caller's name ends in that of a ServiceAccount.
func (a attempt) account(end string) answer {
	if known, ok := a.told(); !ok {
		return known
	}
	if before, open := strings.CutSuffix(a.identity, "*"); open {
		if at := strings.Index(before, "/ns/"); at >= 0 && strings.HasPrefix(end, before[at:]) {
			return perhaps
		}
		return no
	}
	return answerOf(strings.HasSuffix(a.identity, end))
}

// told tells whether the caller's name is known, or else what that means to who asks for one.
func (a attempt) told() (answer, bool) {
	switch {
	case a.foreign:
		return perhaps, false
	case a.identity == "":
		return no, false
	}
	return yes, true
}
