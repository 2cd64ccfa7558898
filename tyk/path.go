package tyk

import (
	"strconv"
	"strings"
)

// index writes a step into a list.
func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// below writes a step into a map.
func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// parent is a path without its last step.
func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}
