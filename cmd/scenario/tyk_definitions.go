package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/meshscenario/scenario/tyk"
)

// readAPIs reads API definitions out of files and folders. A slug that comes twice is one too many: which of the two
// Tyk has, cannot be known.
func readAPIs(paths []string) (all []tyk.Definition, err error) {
	slugs := map[string]string{}
	for _, path := range paths {
		files := []string{path}
		if info, err := os.Stat(path); err != nil {
			return nil, err
		} else if info.IsDir() {
			files, _ = filepath.Glob(filepath.Join(path, "*.json"))
			if len(files) == 0 {
				return nil, fmt.Errorf("%s: no JSON files", path)
			}
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			items, err := definitionsIn(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			for i, item := range items {
				d, err := tyk.ReadDefinition(item)
				if err == nil && d.Slug == "" {
					err = errors.New("no API definition: slug: missing")
				}
				if other := slugs[d.Slug]; err == nil && other != "" {
					err = fmt.Errorf("the slug %s again, as in %s", d.Slug, other)
				}
				if err != nil && len(items) > 1 {
					err = fmt.Errorf("API %d: %w", i+1, err)
				}
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				slugs[d.Slug] = name
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// definitionsIn takes a file apart: one definition, a list as a gateway gives it, or what a dashboard's /api/apis answers,
// which has more about each, and null for none.
func definitionsIn(data []byte) (items []json.RawMessage, err error) {
	var answer struct {
		APIs json.RawMessage `json:"apis"`
	}
	if strings.HasPrefix(strings.TrimSpace(string(data)), "[") {
		if json.Unmarshal(data, &items) != nil {
			return nil, errors.New("no list of API definitions: it is not complete, or no JSON")
		}
		return items, nil
	}
	if json.Unmarshal(data, &answer) != nil || answer.APIs == nil {
		return []json.RawMessage{data}, nil
	}
	var apis []struct {
		Definition json.RawMessage `json:"api_definition"`
	}
	if json.Unmarshal(answer.APIs, &apis) != nil {
		return nil, errors.New("apis: no list of APIs, as a dashboard's /api/apis answers it")
	}
	for i, api := range apis {
		if api.Definition == nil {
			return nil, fmt.Errorf("apis[%d].api_definition: missing", i)
		}
		items = append(items, api.Definition)
	}
	return items, nil
}
