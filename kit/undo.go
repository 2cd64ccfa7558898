package kit

const aboutUndo = `# Deletes what apply.sh made, the last first, and nothing else: neither what was there before, nor a namespace in which
# others have something.
#
#   CLI=kubectl  FORCE=1  WAIT=0  TIMEOUT=300  ./undo.sh`

// undo is undo.sh.
func (k Kit) undo(manifests []manifest) []byte {
	s := k.begin("undo.sh", aboutUndo)
	s.raw("look")
	// What the control plane acts on goes before it, and each step is gone before the next.
	s.raw(`unstage "policies, traffic and workloads" 80 70 60 ` + secretStage + " 40")
	if k.Secrets == Reference {
		for _, secret := range k.secrets() {
			s.call("unmake", secret.Namespace, secret.Name)
		}
	}
	var namespaces []string
	members, mesh := false, false
	for _, m := range manifests {
		switch m.stage.number {
		case "10":
			namespaces = append(namespaces, m.Name)
		case "20":
			mesh = true
		case "30":
			members = true
		}
	}
	if members {
		s.raw(`unstage "members of the mesh" 30`)
	}
	if mesh {
		s.raw(`unstage "control plane" 20`)
	}
	if len(namespaces) > 0 {
		s.call("vacate", namespaces...)
	}
	s.raw("finish")
	return []byte(s.text.String())
}
