package validate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// distil makes one finding of each mistake, and sorts them.
//
// What several requests meet is told once. Of several explanations of broken ways at one field, the gravest stands, and
// hides what else requests show at the field, and what is less grave about it. An object that its API refuses hides what
// became of the requests that it has a say in: that is a guess until it is mended. So is all but the form of an object
// with a text that is still to be filled in. What one change at one place mends is one mistake.
func distil(checked, broken []Finding, gaps map[Object]bool) []Finding {
	refused := maps.Clone(gaps)
	for _, f := range checked {
		if f.Severity == Error && f.Category == Schema || f.Gap {
			refused[f.Object] = true
		}
	}
	guess := func(f Finding) bool {
		touches := func(objects map[Object]bool) bool {
			return objects[f.Object] || slices.ContainsFunc(f.decided, func(o Object) bool { return objects[o] }) ||
				slices.ContainsFunc(f.Related, func(p Place) bool { return objects[p.Object] })
		}
		return f.Request != nil && touches(refused) || f.Category != Schema && strings.HasPrefix(f.Rule, "MSH") && touches(gaps)
	}
	broken, checked = slices.DeleteFunc(broken, guess), slices.DeleteFunc(checked, guess)
	type key struct {
		rule, field, file string // two meshes may have an object of one name
		object            Object
	}
	var all []Finding
	merge := func(list []Finding, of func(Finding) key) {
		at := map[key]int{}
		for _, f := range list {
			k := of(f)
			i, known := at[k]
			switch {
			case !known:
				at[k] = len(all)
				all = append(all, f)
			case f.Severity != all[i].Severity && f.Severity.AtLeast(all[i].Severity):
				f.Request = counted(f.Request, all[i].Request)
				all[i] = f
			default:
				all[i].Request = counted(all[i].Request, f.Request)
			}
		}
	}
	merge(broken, func(f Finding) key { return key{"", f.Field, f.File, f.Object} })
	broke, wrong, met := map[key]bool{}, map[key]bool{}, map[key]bool{}
	for _, f := range all {
		if f.Severity != Error {
			continue
		}
		broke[key{"", f.Field, f.File, f.Object}] = true
		for _, r := range f.Related {
			met[key{f.Rule, "", r.File, r.Object}] = true
		}
	}
	for _, f := range checked {
		if f.Severity == Error {
			wrong[key{"", f.Field, f.File, f.Object}] = true
		}
	}
	checked = slices.DeleteFunc(checked, func(f Finding) bool {
		at := key{"", f.Field, f.File, f.Object}
		// What a rule says of an object, it need not say again where a request has met it.
		return met[key{f.Rule, "", f.File, f.Object}] || broke[at] && (f.Severity != Error || f.Request != nil) || wrong[at] && f.Severity != Error
	})
	merge(checked, func(f Finding) key { return key{f.Rule + " " + about(f), f.Field, f.File, f.Object} })
	all = mendedAlike(all)
	slices.SortStableFunc(all, Compare)
	return all
}

// mendedAlike leaves one of several findings that requests show in one place and that one and the same change mends: the
// gravest, and of those the one whose rule comes first.
func mendedAlike(all []Finding) []Finding {
	at := map[string]int{} // of the one that stays, by place and change
	hidden := map[int]bool{}
	for i, f := range all {
		if f.Request == nil || len(f.Edits) == 0 {
			continue
		}
		k := fmt.Sprint(f.File, f.Object, f.Field, f.Edits)
		j, known := at[k]
		if known && all[j].Rule != f.Rule {
			if worse := cmp.Or(slices.Index(Severities, f.Severity)-slices.Index(Severities, all[j].Severity), cmp.Compare(f.Rule, all[j].Rule)); worse >= 0 {
				i, j = j, i
			}
			hidden[j] = true
		}
		at[k] = i
	}
	kept := all[:0]
	for i, f := range all {
		if !hidden[i] {
			kept = append(kept, f)
		}
	}
	return kept
}

// about tells findings of one rule at one field apart that are not about requests.
func about(f Finding) string {
	if f.Request != nil {
		return ""
	}
	return f.Message
}

func counted(kept, other *Call) *Call {
	if kept == nil || other == nil {
		return kept
	}
	c := *kept
	c.Others += 1 + other.Others
	return &c
}
