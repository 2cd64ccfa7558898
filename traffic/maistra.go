package traffic

import (
	"encoding/json"
)

// maistraConfig is what the old operator writes into Istio's MeshConfig of those settings of a ServiceMeshControlPlane that
// package mesh does not have: the trust domain, variables of proxies, and what is laid over all else.
// https://github.com/maistra/istio-operator pkg/apis/maistra/conversion: security.go, proxy.go, techpreview.go
func (s *settings) maistraConfig(o object) error {
	if o.object == nil {
		return nil
	}
	var t struct {
		Spec struct {
			Security struct{ Trust struct{ Domain string } }
			Proxy    struct {
				Runtime struct {
					Container struct{ Env map[string]string }
				}
			}
			TechPreview struct{ MeshConfig json.RawMessage }
		}
	}
	if json.Unmarshal(o.object.JSON, &t) != nil {
		return nil // a value of another type than the operator takes
	}
	config := map[string]any{"defaultConfig": map[string]any{"proxyMetadata": t.Spec.Proxy.Runtime.Container.Env}}
	if domain := t.Spec.Security.Trust.Domain; domain != "" {
		config["trustDomain"] = domain
	}
	data, err := json.Marshal(config)
	if err != nil {
		return err
	}
	by := o.decision("spec.techPreview.meshConfig.outboundTrafficPolicy.mode")
	if err := s.apply(string(data), by, false); err != nil || len(t.Spec.TechPreview.MeshConfig) == 0 {
		return err
	}
	return s.apply(string(t.Spec.TechPreview.MeshConfig), by, false)
}
