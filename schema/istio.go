package schema

import (
	"regexp"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	networking "istio.io/client-go/pkg/apis/networking/v1"
	networkingbeta "istio.io/client-go/pkg/apis/networking/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"
	telemetry "istio.io/client-go/pkg/apis/telemetry/v1"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/validation"
	"istio.io/istio/pkg/log"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/meshscenario/scenario/bundle"
)

// A judge runs Istio's own validation, as its webhook does, on specs that stand in the place of an object's.
type judge struct {
	meta     config.Meta
	spec     proto.Message
	validate validation.ValidateFunc
}

// judgeOf is the judge of an object; there is none for kinds that are not Istio's. EnvoyFilter's validation would bring all of
// Envoy's API with it, and start four times as slowly: filter.go has what matters of it.
func judgeOf(o *bundle.Object, typed any) (judge, bool) {
	of := func(m *metav1.ObjectMeta, spec proto.Message, validate validation.ValidateFunc) (judge, bool) {
		namespace := o.Namespace
		if namespace == "" {
			namespace = "default" // as kubectl applies it, for who has chosen no other
		}
		return judge{config.Meta{Name: o.Name, Namespace: namespace, Labels: m.Labels, Annotations: m.Annotations}, spec, validate}, true
	}
	switch t := typed.(type) {
	case *networking.ServiceEntry:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateServiceEntry)
	case *networking.DestinationRule:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateDestinationRule)
	case *networking.VirtualService:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateVirtualService)
	case *networking.Gateway:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateGateway)
	case *networking.Sidecar:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateSidecar)
	case *networking.WorkloadEntry:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateWorkloadEntry)
	case *networking.WorkloadGroup:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateWorkloadGroup)
	case *networkingbeta.ProxyConfig:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateProxyConfig)
	case *security.PeerAuthentication:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidatePeerAuthentication)
	case *security.RequestAuthentication:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateRequestAuthentication)
	case *security.AuthorizationPolicy:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateAuthorizationPolicy)
	case *telemetry.Telemetry:
		return of(&t.ObjectMeta, &t.Spec, validation.ValidateTelemetry)
	}
	return judge{}, false
}

// quiet keeps Istio from writing to the standard output what it finds.
var quiet = sync.OnceFunc(func() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
})

// A verdict is one thing that Istio says.
type verdict struct {
	text    string
	warning bool
}

// verdicts runs the validation. It has been seen to panic at items of lists that are null, which the API server does not
// let through.
func (j judge) verdicts(spec proto.Message) (all []verdict) {
	quiet()
	defer func() {
		if recover() != nil {
			all = nil
		}
	}()
	warning, err := j.validate(config.Config{Meta: j.meta, Spec: spec})
	if warning == nil && err == nil {
		return nil
	}
	for _, text := range parts(err) {
		all = append(all, verdict{text, false})
	}
	for _, text := range parts(warning) {
		all = append(all, verdict{text, true})
	}
	return all
}

// parts takes an error apart that several were made into.
func parts(err error) []string {
	if err == nil {
		return nil
	}
	var several []error
	if list, ok := err.(interface{ WrappedErrors() []error }); ok {
		several = list.WrappedErrors()
	} else if list, ok := err.(interface{ Unwrap() []error }); ok {
		several = list.Unwrap()
	} else if v, ok := err.(validation.Validation); ok {
		return parts(v.Err)
	}
	if several == nil {
		return []string{policyName.ReplaceAllString(strings.TrimSpace(err.Error()), "")}
	}
	var all []string
	for _, err := range several {
		all = append(all, parts(err)...)
	}
	return all
}

// policyName is what Istio puts before each fault of an AuthorizationPolicy.
var policyName = regexp.MustCompile(`^invalid policy \S*:\s*`)

// problems are what Istio's validation finds in an object, with their places.
func (j judge) problems() []Problem {
	verdicts := j.verdicts(j.spec)
	if len(verdicts) == 0 {
		return nil
	}
	var problems []Problem
	finder := newFinder(j)
	for _, v := range verdicts {
		s, values := sayingOf(v.text)
		if s.skip {
			continue
		}
		field := s.field
		if field == "" {
			field = "spec"
		}
		if s.field == "" && len(problems) < maxPlaces {
			field = finder.place(v, s)
		}
		problems = append(problems, s.problem(v, values, field))
	}
	return problems
}

// maxPlaces bounds the search for places in an object that is wrong all over.
const maxPlaces = 30
