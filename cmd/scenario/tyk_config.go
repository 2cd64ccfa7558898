package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"

	"github.com/meshscenario/scenario/bundle"
	"github.com/meshscenario/scenario/tyk"
)

// configKeys are the names of the configuration's file.
var configKeys = []string{"tyk-k8s.yaml", "tyk-k8s.yml", "tyk-k8s.json", "tyk-k8s.conf"}

// controller is what the flag names, or else what the manifests have, or else the sample's injector.
func (f tykFlags) controller(s streams, b *bundle.Bundle) (tyk.Controller, error) {
	name, data := f.config, []byte(nil)
	if f.config != "" {
		var err error
		if data, err = os.ReadFile(f.config); err != nil {
			return tyk.Controller{}, input(err)
		}
	} else {
		name, data = configIn(b)
	}
	if data == nil {
		return tyk.Default(f.tls), nil
	}
	if f.given("tls") {
		return tyk.Controller{}, usage("leave --tls out; Injector.enableMeshTLS says it", "--tls, and %s", cmp.Or(f.config, name))
	}
	c, faults := tyk.ParseController(data)
	var fatal []error
	for _, fault := range faults {
		at := name
		if f.config != "" && fault.Line > 0 {
			at = fmt.Sprintf("%s:%d", name, fault.Line)
		}
		if err := fmt.Errorf("%s: %s", at, fault); fault.Fatal {
			fatal = append(fatal, err)
		} else {
			fmt.Fprintf(s.err, "scenario: %s\n", oneLine(err.Error()))
		}
	}
	if err := errors.Join(fatal...); err != nil {
		return *c, input(err)
	}
	return *c, nil
}

// configIn is the configuration that a ConfigMap of the bundle holds, and what to call it; nil if there is none.
func configIn(b *bundle.Bundle) (name string, data []byte) {
	for _, o := range b.Objects {
		if o.Kind != "ConfigMap" {
			continue
		}
		typed, _ := o.Typed()
		if m, ok := typed.(*corev1.ConfigMap); ok {
			for _, key := range configKeys {
				if text, ok := m.Data[key]; ok {
					return fmt.Sprintf("%s, data[%s]", o.ID, key), []byte(text)
				}
			}
		}
	}
	return "", nil
}
