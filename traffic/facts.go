package traffic

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	securityapi "istio.io/api/security/v1beta1"
	securityclient "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/nearest"
)

// Facts are what is known of a cluster and stands in no file. What the files say themselves counts more. The zero value
// holds none.
type Facts struct {
	registryOnly, allowAny bool
	strict                 bool
	there                  map[string]bool // Secrets and ConfigMaps, as "Secret NAMESPACE/NAME"
	namespaces             []string
	services               []*corev1.Service
}

// FactForms are how facts are written.
var FactForms = []string{
	"outbound=registry-only", "outbound=allow-any", "mesh-mtls=strict", "mesh-mtls=permissive",
	"Secret/NAMESPACE/NAME", "ConfigMap/NAMESPACE/NAME", "Service/NAMESPACE/NAME:PORT", "Namespace/NAME",
}

// ParseFacts reads facts, each in one of [FactForms]: what the mesh does with hosts that nothing declares, the mutual TLS that
// it demands, a Secret with certificate, key and CA, a ConfigMap with a CA, a Service with ports (a name before the number
// tells the protocol, as in http-8080; commas between several) and pods with sidecars behind it, or a namespace of the mesh
// in which sidecars are injected.
func ParseFacts(texts []string) (Facts, error) {
	f := Facts{there: map[string]bool{}}
	for _, text := range texts {
		if err := f.add(text); err != nil {
			return Facts{}, fmt.Errorf("fact %q: %w", text, err)
		}
	}
	if f.registryOnly && f.allowAny {
		return Facts{}, errors.New("outbound is said to be both registry-only and allow-any")
	}
	return f, nil
}

func (f *Facts) add(text string) error {
	switch text {
	case "outbound=registry-only":
		f.registryOnly = true
		return nil
	case "outbound=allow-any":
		f.allowAny = true
		return nil
	case "mesh-mtls=strict":
		f.strict = true
		return nil
	case "mesh-mtls=permissive":
		return nil
	}
	kind, name, _ := strings.Cut(text, "/")
	namespace, name, both := strings.Cut(name, "/")
	if kind == "Namespace" && namespace != "" && !both {
		f.namespaces = append(f.namespaces, namespace)
		return nil
	}
	if namespace != "" && name != "" && !strings.ContainsAny(namespace+name, "/ ") {
		switch kind {
		case "Secret", "ConfigMap":
			f.there[kind+" "+namespace+"/"+name] = true
			return nil
		case "Service":
			return f.addService(namespace, name)
		}
	}
	words := []string{"Secret", "ConfigMap", "Service", "Namespace", "outbound=registry-only", "outbound=allow-any", "mesh-mtls=strict", "mesh-mtls=permissive"}
	for _, form := range FactForms {
		if strings.HasPrefix(form, kind+"/") {
			return fmt.Errorf("want %s", form)
		}
	}
	if near := nearest.Of(kind, words); near != "" {
		return fmt.Errorf("unknown: did you mean %s?", near)
	}
	return errors.New("unknown")
}

func (f *Facts) addService(namespace, text string) error {
	name, list, _ := strings.Cut(text, ":")
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	for _, port := range strings.Split(list, ",") {
		number, err := strconv.ParseInt(port[strings.LastIndexByte(port, '-')+1:], 10, 32)
		if err != nil || number < 1 || number > 65535 {
			return fmt.Errorf("port %q: want a number from 1 to 65535, behind a protocol and a hyphen if that is known: Service/shop/web:http-8080", port)
		}
		s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: "p" + port, Port: int32(number), TargetPort: intstr.FromInt32(int32(number))})
		if strings.Contains(port, "-") {
			s.Spec.Ports[len(s.Spec.Ports)-1].Name = port
		}
	}
	f.services = append(f.services, s)
	return nil
}

// given lays the facts under what the files say, and makes the objects of them that the files do not hold.
func (x *Index) given(objects []object) (made []object) {
	f := &x.options.Facts
	for _, name := range f.namespaces {
		if _, held := x.namespaces[name]; !held {
			x.namespaces[name] = map[string]string{"istio-injection": "enabled"}
		}
		if x.members != nil {
			x.members[name] = true
		}
	}
	for _, s := range f.services {
		if slices.ContainsFunc(objects, func(o object) bool {
			return o.id.Kind == "Service" && o.id.Namespace == s.Namespace && o.id.Name == s.Name
		}) {
			continue
		}
		for _, o := range served(s.Namespace, s.Name, anyAccount, metav1.ObjectMeta{Labels: map[string]string{"app": s.Name}}, s.Spec.Ports) {
			o.given = true
			made = append(made, o)
		}
	}
	root := x.mesh.rootNamespace
	said := len(x.peers.all[root]) > 0 || slices.ContainsFunc(objects, func(o object) bool {
		p, ok := o.typed.(*securityclient.PeerAuthentication)
		return ok && o.id.Namespace == root && p.Spec.Selector == nil
	})
	if f.strict && !said {
		x.meshTLSPolicy(root, securityapi.PeerAuthentication_MutualTLS_STRICT, &source{
			id: bundle.ID{APIVersion: "security.istio.io/v1", Kind: "PeerAuthentication", Namespace: root, Name: "default"}, age: -1,
		})
	}
	return made
}
