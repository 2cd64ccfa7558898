package generator

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/meshscenario/scenario/templates"
)

// embedded is where the project's own templates stand, for imports and error messages. No file can have such a path.
const embedded = "scenario:"

// An importer finds the embedded templates for each other, and for the user's overlay first files beside it, then the
// folders given by -J.
type importer struct {
	folders []string
	// go-jsonnet wants the same Contents for the same path each time.
	found map[string]jsonnet.Contents
}

func (i *importer) Import(from, imported string) (jsonnet.Contents, string, error) {
	if name, ok := strings.CutPrefix(imported, embedded); ok {
		return i.embedded(name)
	}
	if dir, ok := strings.CutPrefix(from, embedded); ok && from != embedded {
		return i.embedded(path.Join(path.Dir(dir), imported))
	}
	candidates := []string{imported}
	if !filepath.IsAbs(imported) {
		candidates = []string{filepath.Join(filepath.Dir(from), imported)}
		for _, folder := range i.folders {
			candidates = append(candidates, filepath.Join(folder, imported))
		}
	}
	for _, file := range candidates {
		if c, ok := i.found[file]; ok {
			return c, file, nil
		}
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return jsonnet.Contents{}, "", err
		}
		i.found[file] = jsonnet.MakeContents(string(data))
		return i.found[file], file, nil
	}
	return jsonnet.Contents{}, "", fmt.Errorf("%s is neither beside the overlay nor in a folder given by -J", imported)
}

func (i *importer) embedded(name string) (jsonnet.Contents, string, error) {
	at := embedded + name
	if c, ok := i.found[at]; ok {
		return c, at, nil
	}
	data, err := templates.FS.ReadFile(name)
	if err != nil {
		return jsonnet.Contents{}, "", err
	}
	i.found[at] = jsonnet.MakeContents(string(data))
	return i.found[at], at, nil
}

// A machine is a Jsonnet VM for one scenario. It parses its templates once, and takes and gives plain Go values through
// two native functions: their text form would cost more than the templates themselves. The templates do not see these
// functions' names; they stay pure functions of (definition, target).
type machine struct {
	vm      *jsonnet.VM
	program ast.Node
	input   map[string]any
	outputs []any
	trace   bytes.Buffer // what std.trace said
}

// program calls the template for each input, evaluates the keys of its answer that are wanted, and hands them over.
const program = `
local template = import '%s%s.jsonnet';
local overlay = %s;
local input = std.native('scenario.take')();
local run(definition, target) = (
  local answer = template(definition, target);
  local find(key) =
    if std.objectHas(answer, key) then answer[key]
    else if std.objectHas(answer.around, key) then answer.around[key]
    else [];
  local entries = std.flatMap(find, input.keys);
  local objects = [e.object for e in entries];
  {
    objects: objects,
    why: if input.why then [e.why for e in entries] else null,
    overlaid: if std.isFunction(overlay) then overlay(objects, definition, target) else overlay,
  }
);
std.native('scenario.give')([run(i.definition, input.targets[i.target]) for i in input.plans])
`

func newMachine(scenario string, options Options) (*machine, error) {
	m := &machine{vm: jsonnet.MakeVM()}
	m.vm.SetTraceOut(&m.trace)
	m.vm.Importer(&importer{folders: options.ImportDirs, found: map[string]jsonnet.Contents{}})
	m.vm.NativeFunction(&jsonnet.NativeFunction{
		Name: "scenario.take",
		Func: func([]any) (any, error) { return m.input, nil },
	})
	m.vm.NativeFunction(&jsonnet.NativeFunction{
		Name:   "scenario.give",
		Params: ast.Identifiers{"outputs"},
		Func: func(args []any) (any, error) {
			m.outputs, _ = args[0].([]any)
			return true, nil
		},
	})
	overlay := "null"
	if options.Overlay != "" {
		overlay = "import " + quote(options.Overlay)
	}
	var err error
	m.program, err = jsonnet.SnippetToAST("", fmt.Sprintf(program, embedded, scenario, overlay))
	return m, err
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// run evaluates the template for each plan of the input.
func (m *machine) run(input map[string]any) ([]any, error) {
	m.input, m.outputs = input, nil
	if _, err := m.vm.Evaluate(m.program); err != nil {
		return nil, err
	}
	return m.outputs, nil
}
