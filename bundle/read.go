package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// Read reads documents of YAML or JSON; name is what positions and messages call the input. Objects come in the order
// of the text, those of a List where the list is. All documents that cannot be read are reported, each by a
// [ReadError]; with any of them there is no bundle.
func Read(name string, r io.Reader) (*Bundle, error) {
	var in reading
	in.read(in.source(name), r)
	return in.finish()
}

// Load reads files, folders and, for "-", standard input, as [Read] does. Of a folder it reads what ends in .yaml, .yml
// or .json, in the order of their names, folders within it too; what is hidden is left out. Files there whose first
// document is no object at all, such as the values of a chart, are passed over ([Bundle.Skipped]), and so is what objects
// are still to be made of ([Bundle.Aside]).
func Load(paths []string, in io.Reader) (*Bundle, error) {
	var r reading
	for i, path := range paths {
		switch {
		case path != "-":
			r.load(path)
		case slices.Contains(paths[:i], path):
			r.source(path).err = errors.New("-: standard input can be read only once")
		default:
			r.read(r.source(path), in)
		}
	}
	return r.finish()
}

func (r *reading) load(path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		r.source(path).err = err
	case info.IsDir():
		r.folder(path)
	default:
		r.open(r.source(path))
	}
}

func (r *reading) folder(path string) {
	var names []string
	aside := map[string]bool{}
	root := path + string(filepath.Separator) // follows a link
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != root && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir() && name == root:
			return nil
		case entry.IsDir():
			chart := filepath.Dir(name)
			if isFile(filepath.Join(name, "Chart.yaml")) {
				chart = name
			} else if entry.Name() != "templates" || !isFile(filepath.Join(chart, "Chart.yaml")) {
				return nil
			}
			r.aside = append(r.aside, Aside{filepath.Clean(chart), HelmChart})
			return fs.SkipDir
		case !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)), !isFile(name):
			return nil
		case isKustomization(entry.Name()):
			for _, part := range parts(name) {
				aside[part] = true
			}
		}
		names = append(names, name)
		return nil
	})
	for _, name := range names {
		s := r.source(name)
		s.inFolder = true
		base := filepath.Base(name)
		switch s.skipped = isKustomization(base) || base == "Chart.yaml"; {
		case s.skipped:
		case aside[filepath.Clean(name)]:
			s.skipped = true
			r.aside = append(r.aside, Aside{name, KustomizePart})
		default:
			r.open(s)
		}
	}
	if err == nil && len(names) == 0 && len(r.aside) == 0 {
		err = fmt.Errorf("%s: no file in this folder ends in .yaml, .yml or .json", path)
	}
	if err != nil {
		r.source(path).err = err
	}
}

// isFile is false of folders, of pipes, and of links to them.
func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func (r *reading) open(s *source) {
	beside := func(name string) bool { return isFile(filepath.Join(filepath.Dir(s.name), name)) }
	s.kustomized = slices.ContainsFunc(kustomizations, beside)
	f, err := os.Open(s.name)
	if err != nil {
		s.err = err
		return
	}
	defer f.Close()
	r.read(s, f)
}

// A reading reads inputs one after the other and hands their documents, in batches, to workers.
type reading struct {
	sources []*source
	workers chan *worker
	wait    sync.WaitGroup
	aside   []Aside
}

// A source is one input.
type source struct {
	name     string
	inFolder bool
	skipped  bool
	// kustomized says that a kustomization lies beside it.
	kustomized bool
	batches    []*batch
	err        error // that ended reading
}

func (r *reading) source(name string) *source {
	s := &source{name: name}
	r.sources = append(r.sources, s)
	return s
}

// A batch is some documents of a source and what was made of them.
type batch struct {
	source  *source
	text    []byte
	line    int   // of the text's first byte
	ends    []int // of the documents in the text
	objects []*Object
	errs    []error
	first   outcome // of the first document that is not empty
}

// batchSize is how much is read at once; a document that is larger is a batch of its own.
const batchSize = 128 << 10

func (r *reading) read(s *source, in io.Reader) {
	if r.workers == nil {
		n := runtime.GOMAXPROCS(0) + 1 // one is being filled
		r.workers = make(chan *worker, n)
		for range n {
			r.workers <- &worker{}
		}
	}
	w := <-r.workers
	defer func() {
		w.text = w.text[:0]
		r.workers <- w
	}()
	w.text = slices.Grow(w.text, batchSize)
	n, err := io.ReadFull(in, w.text[:1024])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		s.err = fmt.Errorf("%s: %w", s.name, err)
		return
	}
	w.text = w.text[:n]
	if message := notText(w.text); message != "" {
		s.err = &ReadError{Position: Position{s.name, 1, 1}, Message: message}
		return
	}
	if bytes.HasPrefix(w.text, []byte(byteOrderMark)) {
		w.text = append(w.text[:0], w.text[3:]...)
	}
	for line := 1; ; {
		ends, eof, err := w.fill(in)
		if err != nil {
			s.err = fmt.Errorf("%s: %w", s.name, err)
			return
		}
		if len(ends) > 0 {
			next := <-r.workers
			used := ends[len(ends)-1]
			next.text = append(next.text[:0], w.text[used:]...)
			b := &batch{source: s, text: w.text[:used], line: line, ends: ends}
			line += bytes.Count(b.text, []byte{'\n'})
			s.batches = append(s.batches, b)
			r.start(w, b)
			w = next
		}
		if eof {
			return
		}
	}
}

func (r *reading) start(w *worker, b *batch) {
	r.wait.Go(func() {
		w.run(b)
		w.text = w.text[:0]
		r.workers <- w
	})
}

// finish waits for the workers and puts together what they made.
func (r *reading) finish() (*Bundle, error) {
	r.wait.Wait()
	b := &Bundle{}
	var errs []error
	for _, s := range r.sources {
		if s.skip() {
			b.Skipped = append(b.Skipped, s.name)
			continue
		}
		for _, batch := range s.batches {
			for _, o := range batch.objects {
				o.Kustomized = s.kustomized
			}
			b.Objects = append(b.Objects, batch.objects...)
			for _, err := range batch.errs {
				var read *ReadError
				if s.inFolder && errors.As(err, &read) && read.foreign {
					r.aside = append(r.aside, Aside{read.Position.String(), Nameless})
					continue
				}
				errs = append(errs, err)
			}
		}
		errs = append(errs, s.err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	b.Aside = r.aside
	return b, nil
}

// skip says whether a file of a folder holds no objects, by its first document.
func (s *source) skip() bool {
	for _, b := range s.batches {
		if b.first != blank {
			return s.inFolder && b.first == stranger
		}
	}
	return s.skipped
}

// fill reads until there is a whole document at least, and returns the ends of those that there are.
func (w *worker) fill(in io.Reader) (ends []int, eof bool, err error) {
	for {
		if len(w.text) == cap(w.text) {
			w.text = slices.Grow(w.text, max(len(w.text), batchSize))
		}
		for len(w.text) < cap(w.text) && !eof {
			n, err := in.Read(w.text[len(w.text):cap(w.text)])
			w.text = w.text[:len(w.text)+n]
			if err == io.EOF {
				eof = true
			} else if err != nil {
				return nil, false, err
			}
		}
		for used := 0; used < len(w.text); {
			end, ok := documentEnd(w.text[used:], eof)
			if !ok {
				break
			}
			used += end
			ends = append(ends, used)
		}
		if len(ends) > 0 || eof {
			return ends, eof, nil
		}
	}
}

const byteOrderMark = "\ufeff"

// notText says why an input cannot be text, from its beginning, or "".
func notText(text []byte) string {
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}), bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return "this is UTF-16: save the file as UTF-8"
	}
	head := text[:min(len(text), 1024)]
	odd := 0
	for _, c := range head {
		if class[c] == bad {
			odd++
		}
	}
	if bytes.IndexByte(head, 0) >= 0 && odd > len(head)/20 {
		return "this is a binary file, not YAML or JSON"
	}
	return ""
}
