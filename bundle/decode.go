package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	routev1 "github.com/openshift/api/route/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	networkingalpha "istio.io/client-go/pkg/apis/networking/v1alpha3"
	networkingbeta "istio.io/client-go/pkg/apis/networking/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
	telemetry "istio.io/client-go/pkg/apis/telemetry/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "sigs.k8s.io/json"

	"github.com/meshscenario/scenario/mesh"
)

// A form is the typed form of a kind. Istio's specs are protocol buffers, whose strict JSON is protojson's; client-go's
// own unmarshalling takes unknown fields silently (istio.io/api v1.31.1).
type form func() (object any, meta *metav1.ObjectMeta, spec proto.Message)

func plain[T any]() form {
	return func() (any, *metav1.ObjectMeta, proto.Message) { return new(T), nil, nil }
}

// forms are the kinds that are known, by group and kind.
var forms = map[string]form{
	"/Namespace":      plain[corev1.Namespace](),
	"/ServiceAccount": plain[corev1.ServiceAccount](),
	"/ConfigMap":      plain[corev1.ConfigMap](),
	"/Secret":         plain[corev1.Secret](),
	"/Service":        plain[corev1.Service](),
	"/Pod":            plain[corev1.Pod](),
	//lint:ignore SA1019 people still write them
	"/Endpoints": plain[corev1.Endpoints](),

	"apps/Deployment":  plain[appsv1.Deployment](),
	"apps/StatefulSet": plain[appsv1.StatefulSet](),
	"apps/DaemonSet":   plain[appsv1.DaemonSet](),
	"apps/ReplicaSet":  plain[appsv1.ReplicaSet](),

	"batch/Job":     plain[batchv1.Job](),
	"batch/CronJob": plain[batchv1.CronJob](),

	"discovery.k8s.io/EndpointSlice": plain[discoveryv1.EndpointSlice](),

	"rbac.authorization.k8s.io/Role":               plain[rbacv1.Role](),
	"rbac.authorization.k8s.io/RoleBinding":        plain[rbacv1.RoleBinding](),
	"rbac.authorization.k8s.io/ClusterRole":        plain[rbacv1.ClusterRole](),
	"rbac.authorization.k8s.io/ClusterRoleBinding": plain[rbacv1.ClusterRoleBinding](),

	"networking.k8s.io/NetworkPolicy": plain[networkingv1.NetworkPolicy](),
	"networking.k8s.io/Ingress":       plain[networkingv1.Ingress](),

	"admissionregistration.k8s.io/MutatingWebhookConfiguration":     plain[admissionv1.MutatingWebhookConfiguration](),
	"admissionregistration.k8s.io/ValidatingWebhookConfiguration":   plain[admissionv1.ValidatingWebhookConfiguration](),
	"admissionregistration.k8s.io/MutatingAdmissionPolicy":          plain[admissionv1.MutatingAdmissionPolicy](),
	"admissionregistration.k8s.io/MutatingAdmissionPolicyBinding":   plain[admissionv1.MutatingAdmissionPolicyBinding](),
	"admissionregistration.k8s.io/ValidatingAdmissionPolicy":        plain[admissionv1.ValidatingAdmissionPolicy](),
	"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": plain[admissionv1.ValidatingAdmissionPolicyBinding](),

	"route.openshift.io/Route": plain[routev1.Route](),

	"maistra.io/ServiceMeshControlPlane":       plain[mesh.ServiceMeshControlPlane](),
	"maistra.io/ServiceMeshMemberRoll":         plain[mesh.ServiceMeshMemberRoll](),
	"maistra.io/ServiceMeshMember":             plain[mesh.ServiceMeshMember](),
	"federation.maistra.io/ServiceMeshPeer":    plain[mesh.ServiceMeshPeer](),
	"federation.maistra.io/ExportedServiceSet": plain[mesh.ExportedServiceSet](),
	"federation.maistra.io/ImportedServiceSet": plain[mesh.ImportedServiceSet](),
	"sailoperator.io/Istio":                    plain[mesh.Istio](),
	"sailoperator.io/IstioCNI":                 plain[mesh.IstioCNI](),

	"networking.istio.io/ServiceEntry": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networking.ServiceEntry{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"networking.istio.io/DestinationRule": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networking.DestinationRule{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"networking.istio.io/Gateway": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networking.Gateway{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"networking.istio.io/VirtualService": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networking.VirtualService{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"networking.istio.io/Sidecar": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networking.Sidecar{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"networking.istio.io/WorkloadEntry": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networking.WorkloadEntry{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"networking.istio.io/WorkloadGroup": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networking.WorkloadGroup{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"networking.istio.io/EnvoyFilter": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networkingalpha.EnvoyFilter{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"networking.istio.io/ProxyConfig": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &networkingbeta.ProxyConfig{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"security.istio.io/PeerAuthentication": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &security.PeerAuthentication{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"security.istio.io/AuthorizationPolicy": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &security.AuthorizationPolicy{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"security.istio.io/RequestAuthentication": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &security.RequestAuthentication{}
		return o, &o.ObjectMeta, &o.Spec
	},
	"telemetry.istio.io/Telemetry": func() (any, *metav1.ObjectMeta, proto.Message) {
		o := &telemetry.Telemetry{}
		return o, &o.ObjectMeta, &o.Spec
	},
}

// versions are the versions that are known of a group, or of a kind of it, where that is not v1 alone.
var versions = map[string][]string{
	"maistra.io": {"v1", "v2"},

	"admissionregistration.k8s.io/MutatingAdmissionPolicy":          {"v1", "v1beta1", "v1alpha1"},
	"admissionregistration.k8s.io/MutatingAdmissionPolicyBinding":   {"v1", "v1beta1", "v1alpha1"},
	"admissionregistration.k8s.io/ValidatingAdmissionPolicy":        {"v1", "v1beta1", "v1alpha1"},
	"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": {"v1", "v1beta1", "v1alpha1"},

	"networking.istio.io":             {"v1", "v1beta1", "v1alpha3"},
	"networking.istio.io/EnvoyFilter": {"v1alpha3"},
	"networking.istio.io/ProxyConfig": {"v1beta1"},
	"security.istio.io":               {"v1", "v1beta1"},
	"telemetry.istio.io":              {"v1", "v1alpha1"},
}

// Decode reads an object, given as JSON, strictly into its typed form: the type of k8s.io/api, openshift/api or
// istio.io/client-go (its v1 types, whatever version is written, for the schema is one), or that of package mesh. A
// field that the type does not have is an error that names its path.
//
// Of a group that is not known here nothing can be said: the result is nil, without an error.
func Decode(id ID, data []byte) (any, error) {
	group, _ := groupVersion(id.APIVersion)
	if id.APIVersion == "" || id.Kind == "" {
		return nil, errors.New("an object has apiVersion and kind")
	}
	newForm, known := forms[group+"/"+id.Kind]
	if !known {
		var kinds []string
		for key := range forms {
			if g, kind, _ := strings.Cut(key, "/"); g == group {
				kinds = append(kinds, kind)
			}
		}
		if len(kinds) == 0 {
			return nil, nil
		}
		sort.Strings(kinds)
		return nil, fmt.Errorf("kind: unknown kind %q in %s; known are %s", id.Kind, id.APIVersion, strings.Join(kinds, ", "))
	}
	if message := id.unserved(); message != "" {
		return nil, fmt.Errorf("apiVersion: %s", message)
	}
	object, meta, spec := newForm()
	if spec == nil {
		return object, strict(data, object)
	}
	var parts struct {
		APIVersion string          `json:"apiVersion"`
		Kind       string          `json:"kind"`
		Metadata   json.RawMessage `json:"metadata"`
		Spec       json.RawMessage `json:"spec"`
	}
	if err := strict(data, &parts); err != nil {
		return nil, err
	}
	if err := strict(parts.Metadata, meta); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	if len(parts.Spec) == 0 {
		if !specless[id.Kind] {
			return nil, errors.New("spec: missing")
		}
		return object, nil
	}
	if err := protojson.Unmarshal(parts.Spec, spec); err != nil {
		return nil, protoError(err, parts.Spec)
	}
	return object, nil
}

// specless are the kinds of Istio that stand without a spec: their CRDs do not require one. A PeerAuthentication without
// one, for instance, is in the way of younger ones.
var specless = map[string]bool{
	"AuthorizationPolicy": true, "DestinationRule": true, "EnvoyFilter": true, "Gateway": true, "PeerAuthentication": true,
	"ProxyConfig": true, "RequestAuthentication": true, "Sidecar": true, "Telemetry": true, "VirtualService": true,
}

// unserved says why an API server would not know the version of a known kind, or "".
func (id ID) unserved() string {
	group, version := groupVersion(id.APIVersion)
	served := versionsOf(group, id.Kind)
	if slices.Contains(served, version) {
		return ""
	}
	return fmt.Sprintf("unknown version %q of %s %s; known are %s", version, group, id.Kind, strings.Join(served, ", "))
}

// strict decodes JSON case-sensitively and refuses fields that the type does not have.
func strict(data []byte, into any) error {
	unknown, err := kjson.UnmarshalStrict(data, into)
	if err != nil {
		f := typeFlaw(data, err)
		if f.lost || f.path == "" {
			return errors.New(f.message)
		}
		return fmt.Errorf("%s: %s", strings.TrimPrefix(f.path, "."), f.message)
	}
	return errors.Join(unknown...)
}

// protoPlace finds the place in an error of protojson. The space after the colon of its messages is sometimes U+00A0.
var protoPlace = regexp.MustCompile(`^proto:[\s\x{a0}]+(?:syntax error )?\(line (\d+):(\d+)\): (.*)$`)

// protoError replaces the place in an error of protojson, which is one in our JSON, by the path of the field there.
func protoError(err error, spec []byte) error {
	path, message := protoPlaceOf(err, spec)
	if message == "" {
		return fmt.Errorf("spec: %w", err)
	}
	return fmt.Errorf("spec%s: %s", path, message)
}

// protoPlaceOf takes an error of protojson apart: the path of the field that it is about, and what it says.
func protoPlaceOf(err error, spec []byte) (path, message string) {
	m := protoPlace.FindStringSubmatch(err.Error())
	if m == nil {
		return "", ""
	}
	line, _ := strconv.Atoi(m[1])
	column, _ := strconv.Atoi(m[2])
	offset := 0
	for ; line > 1; line-- {
		offset += bytes.IndexByte(spec[offset:], '\n') + 1
	}
	for ; column > 1 && offset < len(spec); column-- { // protojson counts runes
		_, size := utf8.DecodeRune(spec[offset:])
		offset += size
	}
	return pathAt(spec, offset), m[3]
}

// pathAt is the path of the value around an offset of a JSON text, such as ".ports[0]".
func pathAt(data []byte, offset int) string {
	type level struct {
		array bool
		key   string
		index int
	}
	var levels []level
	decoder := json.NewDecoder(bytes.NewReader(data))
	isKey := false
	for {
		token, err := decoder.Token()
		if err != nil || int(decoder.InputOffset()) > offset {
			break
		}
		top := len(levels) - 1
		switch token {
		case json.Delim('{'), json.Delim('['):
			levels = append(levels, level{array: token == json.Delim('[')})
			isKey = token == json.Delim('{')
			continue
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:top]
			top--
		default:
			if top >= 0 && isKey {
				levels[top].key, isKey = token.(string), false
				continue
			}
		}
		if top >= 0 {
			isKey = !levels[top].array
			if levels[top].array {
				levels[top].index++
			} else {
				levels[top].key = ""
			}
		}
	}
	var path strings.Builder
	for _, l := range levels {
		if l.array {
			fmt.Fprintf(&path, "[%d]", l.index)
		} else if l.key != "" {
			path.WriteString(stepOf(l.key))
		}
	}
	return path.String()
}
