package tyk

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// sinceField is where a definition says since when its certificates are there, by id.
const sinceField = "config_data.scenario_renewal"

// since reads it. What is not a time there counts as not written.
func (d Definition) since() map[string]time.Time {
	var root struct {
		ConfigData struct {
			Since map[string]string `json:"scenario_renewal"`
		} `json:"config_data"`
	}
	_ = json.Unmarshal(d.JSON, &root)
	since := map[string]time.Time{}
	for id, text := range root.ConfigData.Since {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			since[id] = t
		}
	}
	return since
}

// A change is an API definition, and what its certificates are to be.
type change struct {
	api      Definition
	ids      []string          // certificates
	client   []string          // client_certificates
	upstream map[string]string // upstream_certificates
	since    map[string]time.Time
}

func newChange(api Definition) *change {
	return &change{
		api: api, ids: slices.Clone(api.Certificates), client: slices.Clone(api.Client), upstream: maps.Clone(api.Upstream), since: api.since(),
	}
}

// apply puts the changed definition into the plan, if it changed.
func (c *change) apply(p *planner) {
	fields := map[string]any{}
	if !slices.Equal(c.ids, c.api.Certificates) {
		fields["certificates"] = c.ids
	}
	if !slices.Equal(c.client, c.api.Client) {
		fields["client_certificates"] = c.client
	}
	if !maps.Equal(c.upstream, c.api.Upstream) {
		fields["upstream_certificates"] = c.upstream
	}
	if len(fields) == 0 {
		return
	}
	written := map[string]string{}
	for id, t := range c.since {
		if slices.Contains(c.ids, id) || slices.Contains(c.client, id) || slices.Contains(slices.Collect(maps.Values(c.upstream)), id) {
			written[id] = t.UTC().Format(time.RFC3339)
		}
	}
	if len(written) > 0 || len(c.api.since()) > 0 {
		fields[sinceField] = written
	}
	d, err := edit(c.api, func(d map[string]any) { maps.Copy(d, fields) })
	if err != nil {
		// A definition that was read is JSON, and its fields are of their types.
		p.step(Step{Action: Ask, API: c.api.Slug, Domain: c.api.Domain, Why: "the definition cannot be changed: " + err.Error()})
		return
	}
	p.plan.APIs = append(p.plan.APIs, d)
}
