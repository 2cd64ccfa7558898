package certs

import (
	"fmt"
	"slices"
	"strings"
)

// ParseStage reads the name of a step; "" is the next one.
func ParseStage(name string) (Stage, error) {
	names := make([]string, len(Stages))
	for i, s := range Stages {
		names[i] = string(s)
	}
	if name != "" && !slices.Contains(names, name) {
		return "", fmt.Errorf("unknown stage %q: the stages are %s", name, strings.Join(names, ", "))
	}
	return Stage(name), nil
}

// Stage is how far the rotation of the CA has come; [Steady] is that there is none.
func (s *Store) Stage() Stage { return s.x.Stage }

// allows tells whether a step may be made now.
func (c *change) allows(to Stage) error {
	if next := c.Stage.Next(); to != next {
		return &StageError{c.dir, c.Stage, to, breaks(c.Stage, to)}
	}
	if to != Retire {
		return nil
	}
	for _, e := range c.Entries {
		if e.Authority != c.Signing {
			return &StageError{c.dir, c.Stage, to, fmt.Sprintf("certificate %s is still of the old CA, and nobody would accept it", e.Name)}
		}
	}
	return nil
}

// breaks is what would happen if one step were made at another's place.
func breaks(at, to Stage) string {
	switch {
	case at == Steady && to == Leaves:
		return "nobody trusts a new CA yet, so everybody would refuse the certificates that it signs"
	case at == Steady && to == Retire:
		return "there is no other CA yet that anybody could trust"
	case to == Retire:
		return "certificates of the old CA are still shown, and nobody would accept them"
	}
	return "a rotation is under way, and a third CA beside two would be one that nobody knows"
}

// A StageError says that a step of a rotation would break connections now.
type StageError struct {
	Dir    string
	At, To Stage
	Why    string
}

func (e *StageError) Error() string {
	return fmt.Sprintf("%s is at stage %s, and %s now would break connections: %s", e.Dir, e.At, e.To, e.Why)
}

// A ForeignError says that the store cannot make the successor of a CA that it did not make.
type ForeignError struct{ Dir, Subject string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s has a CA from elsewhere, %s, and cannot make its successor", e.Dir, e.Subject)
}

// A NotAppliedError says which Secrets are not yet where they are used as the present stage has them.
type NotAppliedError struct {
	At    Stage
	Lacks []string // a sentence for each
}

func (e *NotAppliedError) Error() string {
	return fmt.Sprintf("stage %s is not applied everywhere yet: %s", e.At, strings.Join(e.Lacks, "; "))
}
