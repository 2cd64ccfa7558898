package generator

import (
	"reflect"

	"github.com/meshscenario/scenario/mesh"
	"github.com/meshscenario/scenario/scenarios"
)

// definitionValue is a plan as templates see it: the fields of spec, the name, all clients, and whether the host stays
// undeclared. Every field is there. Of a plan for one of two meshes there are also that mesh (own) and the other, what it
// uses of the other (links), whether the client runs in it (calls), and whether a share of its calls is led away (splits). On target contrast there are the strings
// of the sidecar and what belongs to them (wiring).
func definitionValue(p *scenarios.Plan) map[string]any {
	v := plainValue(reflect.ValueOf(p.Spec)).(map[string]any)
	delete(v, "target")
	v["name"] = p.Metadata.Name
	v["undeclared"] = p.Undeclared()
	clients := make([]any, len(p.Clients))
	for i, c := range p.Clients {
		client := plainValue(reflect.ValueOf(c.Client)).(map[string]any)
		client["credentials"] = plainValue(reflect.ValueOf(c.Credentials))
		clients[i] = client
	}
	v["clients"] = clients
	if p.Own != nil {
		v["own"], v["other"] = plainValue(reflect.ValueOf(*p.Own)), plainValue(reflect.ValueOf(*p.Other))
		v["calls"] = p.Calls()
		v["links"] = plainValue(reflect.ValueOf(p.Links()))
		v["splits"] = p.Splits()
	}
	if p.Target.Family == mesh.ContrastFamily {
		v["wiring"] = plainValue(reflect.ValueOf(p.ContrastWiring()))
	}
	return v
}

// plainValue turns the structs of a definition into the plain values that Jsonnet takes.
func plainValue(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Struct:
		fields := make(map[string]any, v.NumField())
		for i := range v.NumField() {
			fields[v.Type().Field(i).Tag.Get("json")] = plainValue(v.Field(i))
		}
		return fields
	case reflect.Map:
		pairs := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			pairs[it.Key().String()] = it.Value().String()
		}
		return pairs
	case reflect.Slice:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = plainValue(v.Index(i))
		}
		return items
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plainValue(v.Elem())
	case reflect.Int:
		return float64(v.Int())
	case reflect.Bool:
		return v.Bool()
	default:
		return v.String()
	}
}
