package schema

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	networkingapi "istio.io/api/networking/v1alpha3"

	"github.com/meshscenario/scenario/bundle"
)

// TestPlainIsSound changes good objects at random: whatever is still taken for plain, Istio must not object to.
func TestPlainIsSound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	objects := documents(t, 8).Objects
	for _, text := range refusals(t) {
		objects = append(objects, text.object)
	}
	judged, recognised := 0, 0
	for range 60 * *rounds {
		o := objects[r.IntN(len(objects))]
		tree := any(o.Tree())
		for range 1 + r.IntN(3) {
			change(r, tree)
		}
		data, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		changed := &bundle.Object{ID: o.ID, JSON: data}
		typed, _ := changed.Lenient()
		j, ok := judgeOf(changed, typed)
		if !ok {
			continue
		}
		judged++
		if !plain(j) {
			continue
		}
		recognised++
		for _, v := range j.verdicts(j.spec) {
			if s, _ := sayingOf(v.text); !s.skip {
				t.Fatalf("taken for plain, and Istio says %q:\n%s", v.text, data)
			}
		}
	}
	if recognised < judged/50 || recognised > judged*9/10 {
		t.Errorf("%d of %d taken for plain", recognised, judged)
	}
	t.Logf("%d of %d taken for plain", recognised, judged)
}

// change changes one value somewhere in a spec.
func change(r *rand.Rand, tree any) {
	switch node := tree.(type) {
	case map[string]any:
		keys := make([]string, 0, len(node))
		for key := range node {
			if key != "apiVersion" && key != "kind" && key != "metadata" {
				keys = append(keys, key)
			}
		}
		if len(keys) == 0 {
			return
		}
		slices.Sort(keys)
		key := keys[r.IntN(len(keys))]
		switch node[key].(type) {
		case map[string]any, []any:
			if r.IntN(12) == 0 {
				delete(node, key)
				return
			}
			change(r, node[key])
		default:
			node[key] = other(r, node[key])
		}
	case []any:
		if len(node) == 0 {
			return
		}
		i := r.IntN(len(node))
		switch node[i].(type) {
		case map[string]any, []any:
			if r.IntN(6) == 0 {
				node[i] = node[r.IntN(len(node))]
				return
			}
			change(r, node[i])
		default:
			node[i] = other(r, node[i])
		}
	}
}

func other(r *rand.Rand, v any) any {
	switch v.(type) {
	case string:
		return texts[r.IntN(len(texts))]
	case bool:
		return r.IntN(2) == 0
	}
	return numbers[r.IntN(len(numbers))]
}

// TestPlainKnowsEveryField: when Istio adds a field to a message, somebody has to see whether plain must look at it.
func TestPlainKnowsEveryField(t *testing.T) {
	for message, want := range map[proto.Message]int{
		&networkingapi.ServiceEntry{}: 9, &networkingapi.ServicePort{}: 4,
		&networkingapi.DestinationRule{}: 5, &networkingapi.Subset{}: 3, &networkingapi.TrafficPolicy{}: 8, &networkingapi.TrafficPolicy_PortTrafficPolicy{}: 5,
		&networkingapi.ClientTLSSettings{}: 9, &networkingapi.ConnectionPoolSettings{}: 2, &networkingapi.ConnectionPoolSettings_TCPSettings{}: 5,
		&networkingapi.ConnectionPoolSettings_TCPSettings_TcpKeepalive{}: 3, &networkingapi.LoadBalancerSettings{}: 6, &networkingapi.OutlierDetection{}: 10,
		&networkingapi.Gateway{}: 2, &networkingapi.Server{}: 6, &networkingapi.Port{}: 4, &networkingapi.ServerTLSSettings{}: 17,
		&networkingapi.VirtualService{}: 6, &networkingapi.HTTPRoute{}: 16, &networkingapi.HTTPMatchRequest{}: 14, &networkingapi.HTTPRouteDestination{}: 3, &networkingapi.HTTPRetry{}: 6,
		&networkingapi.TLSRoute{}: 2, &networkingapi.TLSMatchAttributes{}: 6, &networkingapi.TCPRoute{}: 2, &networkingapi.L4MatchAttributes{}: 6,
		&networkingapi.RouteDestination{}: 2, &networkingapi.Destination{}: 3, &networkingapi.PortSelector{}: 1,
	} {
		d := message.ProtoReflect().Descriptor()
		if got := d.Fields().Len(); got != want {
			t.Errorf("%s has %d fields, and plain was written for %d", d.FullName(), got, want)
		}
	}
}

// TestSayings: each saying is said, in those words, of something in the tables.
func TestSayings(t *testing.T) {
	said := map[string]bool{}
	for _, r := range refusals(t) {
		typed, _ := r.object.Lenient()
		if j, ok := judgeOf(r.object, typed); ok {
			for _, v := range j.verdicts(j.spec) {
				s, _ := sayingOf(v.text)
				said[s.text] = true
			}
		}
	}
	for _, s := range sayings {
		if !said[s.text] {
			t.Errorf("nowhere said: %s", s.text)
		}
	}
}
