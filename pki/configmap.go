package pki

import (
	"maps"
	"slices"
)

// ConfigMap reads the CA of configmap://NAME; what stands under binaryData is not looked at.
func (r *Reader) ConfigMap(data map[string]string) (Material, []Fault) {
	bytes := make(map[string][]byte, len(data))
	for key, value := range data {
		bytes[key] = []byte(value)
	}
	var m Material
	var faults []Fault
	if keys, err := Root(bytes); err == nil {
		faults = r.root(&m, keys, bytes)
	} else {
		faults = append(faults, Fault{
			Rule: "MSH517", Kind: NoCA, Message: "the ConfigMap has neither ca.crt nor cacert with something in it: " + keysOf(bytes), Breaks: true,
			Consequence: "istiod serves nothing: the cluster waits for its CA for ever, and answers 503", Fix: "Put the CA under ca.crt",
		})
	}
	for _, key := range slices.Sorted(maps.Keys(bytes)) {
		if slices.ContainsFunc(scan(bytes[key]).blocks, isKey) {
			faults = slices.DeleteFunc(faults, func(f Fault) bool { return f.Key == key && f.Kind == KeyInTheClear })
			faults = append(faults, Fault{
				Rule: "MSH912", Kind: KeyInTheClear, Key: key, Message: key + " of the ConfigMap holds a private key",
				Consequence: "ConfigMaps are not protected as Secrets are: whoever may read the namespace has the key", Fix: "Replace the key, and keep the new one in a Secret",
			})
		}
	}
	return m, sorted(faults)
}
