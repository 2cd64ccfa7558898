package kit

import "slices"

const aboutUndo = `# Deletes what apply.sh made, the last first, and nothing else: neither what was there before, nor a namespace in which
# others have something.
#
#   CLI=kubectl  FORCE=1  WAIT=0  TIMEOUT=300  ./undo.sh`

// undo is undo.sh.
func (k Kit) undo(manifests []manifest) []byte {
	s := k.begin("undo.sh", aboutUndo)
	for i, stage := range slices.Backward(stages) {
		if stage.number == secretStage && k.Secrets == Reference {
			for _, secret := range k.secrets() {
				s.call("unmake", secret.Namespace, secret.Name)
			}
		}
		if !slices.ContainsFunc(manifests, func(m manifest) bool { return m.stage == stage }) {
			continue
		}
		if i > 0 {
			s.call("unstage", stage.number, stage.title)
			continue
		}
		for _, m := range manifests {
			if m.stage == stage {
				s.call("vacate", m.Name)
			}
		}
	}
	s.raw(`[ -z "$left" ] || die "not all of it is gone: see above"` + "\n" + `say "done: $KIT is undone"`)
	return []byte(s.text.String())
}
