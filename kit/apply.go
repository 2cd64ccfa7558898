package kit

import (
	"fmt"
	"maps"
	"slices"
)

const aboutApply = `# Applies the kit, one step after another, each when what it needs is ready. Run it as often as you like: the second
# time changes nothing. What others have made or set it leaves alone, and says so.
#
#   CLI=kubectl  FORCE=1  SECRETS=0  PKI=DIR  WAIT=0  TIMEOUT=300  ./apply.sh`

// everywhere are the groups that every cluster serves.
var everywhere = []string{"v1", "apps/v1", "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1"}

// apply is apply.sh.
func (k Kit) apply(manifests []manifest) []byte {
	s := k.begin("apply.sh", aboutApply)
	kinds := map[string][]string{}
	for _, m := range manifests {
		if !slices.Contains(everywhere, m.APIVersion) && !slices.Contains(kinds[m.APIVersion], m.Kind) {
			kinds[m.APIVersion] = append(kinds[m.APIVersion], m.Kind)
		}
	}
	fromStore := k.Secrets == Reference && len(k.secrets()) > 0
	if fromStore {
		s.raw(`[ "${SECRETS:-1}" = 0 ] || can_make_secrets`)
	}
	for _, group := range slices.Sorted(maps.Keys(kinds)) {
		s.call("served", append([]string{group}, kinds[group]...)...)
	}
	s.raw("look")
	for _, stage := range stages {
		var here []manifest
		for _, m := range manifests {
			if m.stage == stage {
				here = append(here, m)
			}
		}
		if stage.number == secretStage {
			k.applySecrets(s, fromStore)
		}
		if len(here) > 0 {
			s.call("stage", stage.number, fmt.Sprintf("%s (%d)", stage.title, len(here)))
		}
		for _, m := range here {
			k.await(s, m)
		}
	}
	s.raw(`say "done: $KIT is applied; test.sh tries it"`)
	return []byte(s.text.String())
}

// applySecrets makes the Secrets, or looks for those that somebody else makes.
func (k Kit) applySecrets(s *script, fromStore bool) {
	switch {
	case fromStore:
		s.raw(`if [ "${SECRETS:-1}" = 0 ]; then` + "\n  say 'left: the Secrets (SECRETS=0)'\nelse")
		for _, secret := range k.secrets() {
			s.call("  may_make", secret.Namespace, secret.Name)
		}
		s.call("  store_secrets", k.parts())
		s.raw("fi")
	case k.Secrets == Nobody:
		for _, secret := range k.secrets() {
			var keys []string
			if secret.Pair != nil {
				keys = append(keys, "tls.crt", "tls.key")
			}
			if secret.CA {
				keys = append(keys, "ca.crt")
			}
			s.call("holds", append([]string{secret.Namespace, secret.Name}, keys...)...)
		}
	}
}

// await waits for what others make of an object.
func (k Kit) await(s *script, m manifest) {
	switch {
	case hasReady(m):
		s.call("ready", m.Namespace, resource(m), m.Name)
	case m.Kind == "ConfigMap" && m.Name == helmValues:
		istiod, command := k.istiod(m.Namespace)
		s.call("installed", m.Namespace, istiod, command)
	case m.Kind == "Deployment" && k.inMesh(m):
		s.call("proxied", m.Namespace, m.Name, selector(m))
	case m.Kind == "Deployment":
		s.call("rolled_out", m.Namespace, m.Name)
	}
}
