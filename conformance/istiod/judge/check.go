package judge

import (
	"encoding/json"
	"fmt"
	"strings"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/config/resource"
	"istio.io/istio/pkg/config/schema/collections"
	schemaresource "istio.io/istio/pkg/config/schema/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A Finding is what Istio's validation or analysis says of an object.
type Finding struct {
	Object  string `json:"object"` // "DestinationRule shop/ext"
	Where   string `json:"where"`  // file:line
	Level   string `json:"level"`  // "Error", "Warning" or "Info"
	Code    string `json:"code"`   // "refused", "warned", or an IST code of the analysis
	Message string `json:"message"`
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s [%s]", f.Where, f.Object, f.Message, f.Code)
}

// istioConfig decodes an object of Istio's own kinds strictly: a field that Istio does not know is an error. known
// tells whether the kind is Istio's (or the Gateway API's).
func istioConfig(o Object) (c *config.Config, known bool, err error) {
	gvk := schema.FromAPIVersionAndKind(o.APIVersion, o.Kind)
	s, ok := collections.PilotGatewayAPI().FindByGroupVersionAliasesKind(schemaresource.FromKubernetesGVK(&gvk))
	if !ok || !strings.Contains(o.APIVersion, "istio.io/") && !strings.Contains(o.APIVersion, "gateway.networking") {
		return nil, false, nil
	}
	kind := &crd.IstioKind{}
	if err := json.Unmarshal(o.JSON, kind); err != nil {
		return nil, true, fmt.Errorf("%s: %s: %w", o.Where(), o, err)
	}
	c, err = crd.ConvertObjectInternal(s, kind, "cluster.local", func(s schemaresource.Schema, js string) (config.Spec, error) {
		spec, err := s.NewInstance()
		if err != nil {
			return nil, err
		}
		return spec, config.ApplyJSONStrict(spec, js)
	})
	if err != nil {
		return nil, true, fmt.Errorf("%s: %s: %w", o.Where(), o, err)
	}
	if c.Namespace == "" {
		c.Namespace = "default"
	}
	return c, true, nil
}

// Validate runs Istio's admission validation over every object of its kinds.
func Validate(b *Bundle) []Finding {
	var all []Finding
	for _, o := range b.Objects {
		c, known, err := istioConfig(o)
		if !known {
			continue
		}
		found := func(level, code, message string) {
			all = append(all, Finding{Object: o.String(), Where: o.Where(), Level: level, Code: code, Message: message})
		}
		if err != nil {
			found("Error", "refused", err.Error())
			continue
		}
		s, _ := collections.PilotGatewayAPI().FindByGroupVersionKind(c.GroupVersionKind)
		warning, err := s.ValidateConfig(*c)
		if err != nil {
			found("Error", "refused", err.Error())
		}
		if warning != nil {
			found("Warning", "warned", warning.Error())
		}
	}
	return all
}

// Refusals are the findings with which admission refuses an object.
func Refusals(all []Finding) []Finding {
	var refused []Finding
	for _, f := range all {
		if f.Code == "refused" {
			refused = append(refused, f)
		}
	}
	return refused
}

// Analyze runs every analyzer of istioctl analyze over the bundle and the Pods that its Deployments would have. Nothing
// else of a cluster is added, so what the bundle counts on and does not hold is reported as missing.
func Analyze(b *Bundle) ([]Finding, error) {
	w := &World{bundle: b, namespaces: map[string]map[string]string{}}
	if _, err := w.read(Options{}); err != nil {
		return nil, err
	}
	analyzer := local.NewIstiodAnalyzer(analyzers.AllCombined(), "", resource.Namespace("istio-system"), nil)
	var documents strings.Builder
	for _, o := range b.Objects {
		if o.Kind != "Service" && o.Kind != "Pod" {
			fmt.Fprintf(&documents, "---\n%s\n", o.JSON)
		}
	}
	var held []any // Services and Pods, with what a cluster adds to them
	for _, s := range w.services {
		s.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}
		held = append(held, s)
	}
	for _, p := range w.pods {
		object := p.object()
		object.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
		held = append(held, object)
	}
	for _, object := range held {
		data, err := json.Marshal(object)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&documents, "---\n%s\n", data)
	}
	// The other reader leaves out every analyzer that looks at Pods, Services and the like, and still counts them.
	if err := analyzer.AddTestReaderKubeSource([]local.ReaderSource{{Name: "bundle", Reader: strings.NewReader(documents.String())}}); err != nil {
		return nil, err
	}
	result, err := analyzer.Analyze(make(chan struct{}))
	if err != nil {
		return nil, err
	}
	where := map[string]string{}
	for _, o := range b.Objects {
		where[o.String()] = o.Where()
	}
	var all []Finding
	for _, m := range result.Messages {
		f := Finding{Level: m.Type.Level().String(), Code: m.Type.Code(), Message: fmt.Sprintf(m.Type.Template(), m.Parameters...)}
		if m.Resource != nil {
			f.Object = strings.TrimPrefix(m.Resource.Origin.FriendlyName(), "/")
			f.Where = where[f.Object]
		}
		all = append(all, f)
	}
	return all, nil
}
