package policy

import (
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
)

// language is what every expression may use: CEL, its libraries, and our own functions.
func language(m *model) []cel.EnvOption {
	hop := m.structures["Hop"].typ
	return []cel.EnvOption{
		cel.CustomTypeProvider(m), cel.CustomTypeAdapter(m),
		cel.OptionalTypes(), cel.CrossTypeNumericComparisons(true), cel.DefaultUTCTimeZone(true),
		cel.ASTValidators(cel.ValidateRegexLiterals()),
		ext.Strings(), ext.Lists(ext.ListsMaxRangeSize(10_000)), ext.Sets(), ext.Math(), ext.Regex(), ext.Bindings(),
		ext.TwoVarComprehensions(), ext.Network(),

		cel.Function("matchesDomain",
			cel.MemberOverload("string_matches_domain", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
				cel.BinaryBinding(func(host, domain ref.Val) ref.Val {
					return types.Bool(matchesDomain(string(host.(types.String)), string(domain.(types.String))))
				})),
			cel.MemberOverload("string_matches_domains", []*cel.Type{cel.StringType, cel.ListType(cel.StringType)}, cel.BoolType,
				cel.BinaryBinding(matchesDomains))),
		cel.Function("hasTLS",
			cel.MemberOverload("hop_has_tls", []*cel.Type{hop}, cel.BoolType, cel.UnaryBinding(hasTLS))),
	}
}

// matchesDomain tells whether every name that a host stands for is one that a domain stands for. Both may be wildcards:
// *.bank.example stands for all names that end in .bank.example, and * for all names.
func matchesDomain(host, domain string) bool {
	host, domain = plainName(host), plainName(domain)
	if suffix, wildcard := strings.CutPrefix(domain, "*"); wildcard && (suffix == "" || suffix[0] == '.') {
		return strings.HasSuffix(host, suffix) && host != suffix
	}
	return host == domain
}

func plainName(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

func matchesDomains(host, domains ref.Val) ref.Val {
	for all := domains.(traits.Lister).Iterator(); all.HasNext() == types.True; {
		domain, ok := all.Next().(types.String)
		if !ok {
			return types.NewErr("matchesDomain takes a text or a list of texts")
		}
		if matchesDomain(string(host.(types.String)), string(domain)) {
			return types.True
		}
	}
	return types.False
}

func hasTLS(v ref.Val) ref.Val {
	r, ok := v.(*record)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	h, ok := r.value.(*hop)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	return types.Bool(h.Wire.Layers > 0)
}
