package traffic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	//lint:ignore SA1019 istiod reads it so (istio/istio pkg/util/protomarshal): 100ms is a duration to it, and none to protojson
	"github.com/golang/protobuf/jsonpb"
	meshconfig "istio.io/api/mesh/v1alpha1"
	"sigs.k8s.io/yaml"

	"github.com/meshscenario/scenario/mesh"
)

// settings are those of the mesh that change a path.
type settings struct {
	rootNamespace string
	allowAny      bool // what no registry knows is forwarded as it came
	autoMTLS      bool
	dnsCapture    bool // sidecars answer DNS
	trustDomain   string
	aliases       []string // of it
	names         []string // of the mesh and its cluster
	cluster       clusterOf
	clusterLocal  byHost[bool] // whether calls to a host stay in the cluster
	// What is exported to where unless an object says so.
	exportServices, exportRoutes, exportRules []string
	discovery                                 []*meshconfig.LabelSelector
	decided                                   *decision // who set the outbound policy
	held                                      bool      // the files hold settings of the mesh
}

func defaults(t mesh.Target, f Facts) settings {
	return settings{rootNamespace: t.RootNamespace, allowAny: !f.registryOnly, autoMTLS: true, trustDomain: domain, held: f.allowAny}
}

// apply lays YAML or JSON of Istio's MeshConfig over the settings. What Istio does not know it reads over, and so does
// this; strict refuses it.
func (s *settings) apply(text string, from *decision, strict bool) error {
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return err
	}
	if string(data) == "null" {
		return nil
	}
	s.held = true
	c := &meshconfig.MeshConfig{}
	if err := (&jsonpb.Unmarshaler{AllowUnknownFields: !strict}).Unmarshal(bytes.NewReader(data), c); err != nil {
		return err
	}
	if c.RootNamespace != "" {
		s.rootNamespace = c.RootNamespace
	}
	var said struct {
		OutboundTrafficPolicy struct{ Mode json.RawMessage }
	}
	if mode := ""; json.Unmarshal(data, &said) == nil && json.Unmarshal(said.OutboundTrafficPolicy.Mode, &mode) == nil {
		// What discards unknown fields discards unknown names of values too, and istiod refuses those.
		if _, known := meshconfig.MeshConfig_OutboundTrafficPolicy_Mode_value[mode]; !known {
			return fmt.Errorf("outboundTrafficPolicy.mode: unknown value %q", mode)
		}
	}
	if p := c.OutboundTrafficPolicy; p != nil {
		s.allowAny = p.Mode != meshconfig.MeshConfig_OutboundTrafficPolicy_REGISTRY_ONLY
		s.decided = from
	}
	if c.EnableAutoMtls != nil {
		s.autoMTLS = c.EnableAutoMtls.Value
	}
	if c.TrustDomain != "" {
		s.trustDomain = c.TrustDomain
	}
	s.aliases = append(s.aliases, c.TrustDomainAliases...)
	for _, one := range c.ServiceSettings {
		for _, h := range one.Hosts {
			s.clusterLocal.set(h, one.GetSettings().GetClusterLocal())
		}
	}
	if v, ok := c.GetDefaultConfig().GetProxyMetadata()["ISTIO_META_DNS_CAPTURE"]; ok {
		s.dnsCapture = v == "true"
	}
	for _, list := range []struct {
		said []string
		into *[]string
	}{
		{c.DefaultServiceExportTo, &s.exportServices},
		{c.DefaultVirtualServiceExportTo, &s.exportRoutes},
		{c.DefaultDestinationRuleExportTo, &s.exportRules},
	} {
		if len(list.said) > 0 {
			*list.into = list.said
		}
	}
	if len(c.DiscoverySelectors) > 0 {
		s.discovery = c.DiscoverySelectors
	}
	return nil
}

// applyValues takes what is read here out of the values of Istio's chart, as YAML or JSON.
func (s *settings) applyValues(values []byte, from *decision) error {
	var v struct {
		MeshConfig json.RawMessage `json:"meshConfig"`
		Global     struct {
			MeshID       string
			Network      string
			MultiCluster struct{ ClusterName string }
		}
	}
	if err := yaml.Unmarshal(values, &v); err != nil {
		return err
	}
	s.cluster = clusterOf{v.Global.MeshID, v.Global.MultiCluster.ClusterName, v.Global.Network}
	if s.cluster.name != "" {
		s.names = append(s.names, s.cluster.name)
	}
	if len(v.MeshConfig) == 0 {
		return nil
	}
	return s.apply(string(v.MeshConfig), from, false)
}

// discovers tells whether istiod looks at a namespace, by its labels. A namespace that the bundle does not hold is taken
// to be in.
func (s *settings) discovers(labels map[string]string, held bool) bool {
	if len(s.discovery) == 0 || !held {
		return true
	}
	for _, selector := range s.discovery {
		if fits(selector, labels) {
			return true
		}
	}
	return false
}

func fits(s *meshconfig.LabelSelector, labels map[string]string) bool {
	if !subset(s.MatchLabels, labels) {
		return false
	}
	for _, e := range s.MatchExpressions {
		value, has := labels[e.Key]
		in := false
		for _, v := range e.Values {
			in = in || has && v == value
		}
		ok := false
		switch e.Operator {
		case "In":
			ok = in
		case "NotIn":
			ok = !in
		case "Exists":
			ok = has
		case "DoesNotExist":
			ok = !has
		}
		if !ok {
			return false
		}
	}
	return true
}

// A visibility says which namespaces see an object.
type visibility struct {
	all, none bool
	in        map[string]bool
}

// exported reads exportTo lists: the object's own, or else the mesh's default, or else everybody.
func exported(own, fallback []string, namespace string) visibility {
	if len(own) == 0 {
		own = fallback
	}
	v := visibility{all: len(own) == 0}
	for _, e := range own {
		switch e {
		case "*":
			v.all = true
		case "~":
			v.none = true
		case ".":
			e = namespace
			fallthrough
		default:
			if v.in == nil {
				v.in = map[string]bool{}
			}
			v.in[e] = true
		}
	}
	return v
}

func (v visibility) to(namespace string) bool {
	return v.all || !v.none && v.in[namespace]
}

// spiffe is the name in a workload's certificate of the mesh.
func (s *settings) spiffe(namespace, account string) string {
	return fmt.Sprintf("spiffe://%s/ns/%s/sa/%s", s.trustDomain, namespace, account)
}

// maistra reads a ServiceMeshControlPlane, whose operator writes the mesh's settings.
func (s *settings) maistra(spec mesh.ControlPlaneSpec, from *decision) (strict, permissive bool) {
	if n := spec.Proxy; n != nil && n.Networking != nil && n.Networking.TrafficControl != nil && n.Networking.TrafficControl.Outbound != nil {
		if policy := n.Networking.TrafficControl.Outbound.Policy; policy != "" {
			s.allowAny = !strings.EqualFold(policy, "REGISTRY_ONLY")
			s.decided = from
		}
	}
	if spec.Security != nil && spec.Security.Trust != nil && spec.Security.Trust.Domain != "" {
		s.trustDomain = spec.Security.Trust.Domain
	}
	if spec.Security == nil || spec.Security.DataPlane == nil {
		return false, false
	}
	d := spec.Security.DataPlane
	if d.AutoMTLS != nil {
		s.autoMTLS = *d.AutoMTLS
	}
	if d.MTLS == nil {
		return false, false
	}
	return *d.MTLS, !*d.MTLS
}

// A clusterOf is what the values of Istio's chart say of a cluster that shares its mesh with others.
type clusterOf struct{ meshID, name, network string }

// joined tells whether two clusters are of one mesh, and on networks of their own: istiod then knows the services of both.
func (s *settings) joined(other *settings) bool {
	a, b := s.cluster, other.cluster
	return a.meshID != "" && a.meshID == b.meshID && a.name != b.name && a.network != "" && b.network != "" && a.network != b.network
}

// staysHere tells whether calls to a host are kept in the caller's cluster: the most specific word counts.
func (s *settings) staysHere(host string) bool {
	stays, _ := s.clusterLocal.mostSpecific(host)
	return stays
}

// identities are the names that a workload of the mesh may have: those of its trust domain and of its aliases.
func (s *settings) identities() []string {
	all := []string{"spiffe://" + s.trustDomain + "/*"}
	for _, a := range s.aliases {
		all = append(all, "spiffe://"+a+"/*")
	}
	return all
}

// label adds what istiod adds to the labels of each endpoint, by which subsets tell clusters apart
// (istio/istio pkg/config/labels, AugmentLabels).
func (c clusterOf) label(own map[string]string) map[string]string {
	if c.name == "" {
		return own
	}
	with := maps.Clone(own)
	if with == nil {
		with = map[string]string{}
	}
	with["topology.istio.io/cluster"] = c.name
	if c.network != "" {
		with["topology.istio.io/network"] = c.network
	}
	return with
}
