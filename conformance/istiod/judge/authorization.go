package judge

import (
	"fmt"
	"strings"

	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	rbachttp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
)

// rbacFilter is the filter that istiod makes of AuthorizationPolicies, one for those that deny and one for those that allow.
const rbacFilter = "envoy.filters.http.rbac"

// An arrival is an HTTP request at a proxy, as its RBAC filter sees it.
type arrival struct {
	*message
	port   int
	caller *layer // whose certificate was verified, or nil
}

// refuses evaluates the RBAC filters of a chain as Envoy documents them: of the rules of a filter that allows one must fit,
// of one that denies none may. It names the filter that refuses, or "". The error is what the judge does not evaluate.
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto
func (a arrival) refuses(manager *hcm.HttpConnectionManager) (string, error) {
	for _, f := range manager.HttpFilters {
		if f.Name != rbacFilter {
			continue
		}
		config, err := unpack(f.GetTypedConfig(), &rbachttp.RBAC{})
		if err != nil {
			return "", err
		}
		if config.Rules == nil { // only counts
			continue
		}
		if config.Rules.Action == rbac.RBAC_LOG {
			continue
		}
		fits, by := false, ""
		for name, policy := range config.Rules.Policies {
			one, err := a.fits(policy)
			if err != nil {
				return "", fmt.Errorf("%s: %w", name, err)
			}
			if one {
				fits, by = true, name
			}
		}
		switch allows := config.Rules.Action == rbac.RBAC_ALLOW; {
		case allows && !fits:
			return "no policy allows it", nil
		case !allows && fits:
			return by + " denies it", nil
		}
	}
	return "", nil
}

// fits tells whether one of a policy's permissions and one of its principals fit.
func (a arrival) fits(p *rbac.Policy) (bool, error) {
	if p.Condition != nil || p.CheckedCondition != nil {
		return false, fmt.Errorf("a condition in CEL is not understood")
	}
	may, err := any1(p.Permissions, a.permits)
	if err != nil {
		return false, err
	}
	is, err := any1(p.Principals, a.is)
	return may && is, err
}

// any1 and all1 tell whether any and all of several conditions hold. What is not understood is an error even where another
// condition decides.
func any1[C any](of []C, holds func(C) (bool, error)) (found bool, err error) {
	for _, c := range of {
		one, err := holds(c)
		if err != nil {
			return false, err
		}
		found = found || one
	}
	return found, nil
}

func all1[C any](of []C, holds func(C) (bool, error)) (bool, error) {
	fails, err := any1(of, func(c C) (bool, error) {
		one, err := holds(c)
		return !one, err
	})
	return !fails, err
}

func (a arrival) permits(p *rbac.Permission) (bool, error) {
	switch rule := p.Rule.(type) {
	case *rbac.Permission_Any:
		return rule.Any, nil
	case *rbac.Permission_AndRules:
		return all1(rule.AndRules.Rules, a.permits)
	case *rbac.Permission_OrRules:
		return any1(rule.OrRules.Rules, a.permits)
	case *rbac.Permission_NotRule:
		holds, err := a.permits(rule.NotRule)
		return !holds, err
	case *rbac.Permission_Header:
		value, present := a.header(rule.Header.Name)
		return matchesHeader(rule.Header, value, present)
	case *rbac.Permission_UrlPath:
		path, _, _ := strings.Cut(a.path, "?")
		return matchesString(rule.UrlPath.GetPath(), path)
	case *rbac.Permission_DestinationPort:
		return int(rule.DestinationPort) == a.port, nil
	}
	return false, fmt.Errorf("permission %T is not understood", p.Rule)
}

func (a arrival) is(p *rbac.Principal) (bool, error) {
	switch id := p.Identifier.(type) {
	case *rbac.Principal_Any:
		return id.Any, nil
	case *rbac.Principal_AndIds:
		return all1(id.AndIds.Ids, a.is)
	case *rbac.Principal_OrIds:
		return any1(id.OrIds.Ids, a.is)
	case *rbac.Principal_NotId:
		holds, err := a.is(id.NotId)
		return !holds, err
	case *rbac.Principal_Header:
		value, present := a.header(id.Header.Name)
		return matchesHeader(id.Header, value, present)
	case *rbac.Principal_Authenticated_:
		switch {
		case a.caller == nil:
			return false, nil
		case a.caller.identity == "":
			return false, fmt.Errorf("the names in a certificate of %s are not known", a.caller.verify.Client.Credential)
		case id.Authenticated.PrincipalName == nil:
			return true, nil
		}
		return matchesString(id.Authenticated.PrincipalName, a.caller.identity)
	}
	return false, fmt.Errorf("principal %T is not understood", p.Identifier)
}
