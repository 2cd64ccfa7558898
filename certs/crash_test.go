package certs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// The test binary is also the process that is killed: what it does there is named by these.
const (
	envOperation = "CERTS_TEST_OPERATION"
	envDir       = "CERTS_TEST_DIR"
	envFault     = "CERTS_TEST_FAULT"
	envAt        = "CERTS_TEST_AT"
)

func TestMain(m *testing.M) {
	switch name := os.Getenv(envOperation); name {
	case "":
	case "crowd":
		if err := crowd(os.Getenv(envDir)); err != nil {
			fmt.Print(err)
			os.Exit(9)
		}
		os.Exit(0)
	default:
		child(name)
	}
	os.Exit(m.Run())
}

// afterwards is when the children work: another time than that of the store they find.
var afterwards = start.Add(80 * day)

// An operation changes a store.
type operation struct {
	run func(dir string) error
	// done tells whether an index is what there is after it.
	done func(before, after *index) bool
	// from is the stage of the store that it finds.
	from Stage
}

func rotating(from Stage) operation {
	return operation{
		func(dir string) error {
			s, err := Open(dir, at(afterwards))
			if err != nil {
				return err
			}
			_, err = s.Rotate(context.Background(), Rotation{To: from.Next()})
			return err
		},
		func(before, after *index) bool {
			switch from.Next() {
			case Trust:
				return after.Stage == Trust && len(after.Authorities) == 2 && after.Signing == before.Signing
			case Leaves:
				return after.Stage == Leaves && !slices.ContainsFunc(after.Entries, func(e Entry) bool { return e.Authority != after.Signing || after.Signing == before.Signing })
			}
			return after.Stage == Steady && len(after.Authorities) == 1 && after.Signing == before.Signing
		},
		from,
	}
}

func issuing(w Wanted) operation {
	return operation{
		run: func(dir string) error {
			s, err := Open(dir, at(afterwards))
			if err != nil {
				return err
			}
			_, err = s.Issue(context.Background(), w)
			return err
		},
		done: func(before, after *index) bool {
			for _, r := range w.Certificates {
				old, e := before.entry(r.Name), after.entry(r.Name)
				if e == nil || old != nil && old.Serial == e.Serial {
					return false
				}
			}
			return len(after.Peers) == len(w.Peers) && len(after.CASecrets) == len(w.CASecrets)
		},
	}
}

var other = Request{Name: "other", Purpose: Client, URIs: []string{"spiffe://cluster.local/ns/shop/sa/other"}}

var operations = map[string]operation{
	"create": {
		run:  func(dir string) error { _, err := Create(dir, Init{}, at(afterwards)); return err },
		done: func(_, after *index) bool { return len(after.Authorities) == 1 && len(after.Entries) == 0 },
	},
	"issue one":     issuing(Wanted{Certificates: []Request{other}}),
	"issue several": issuing(Wanted{Certificates: append(many(3), server)}),
	"issue many":    issuing(Wanted{Certificates: many(10)}),
	"keep a peer": issuing(Wanted{
		Certificates: []Request{other}, Peers: map[string][]byte{"partner": []byte(partner)},
		CASecrets: []SecretRef{{Namespace: "shop", Name: "partner-ca", Shape: CAOnly, Peer: "partner"}},
	}),
	"trust":  rotating(Steady),
	"leaves": rotating(Trust),
	"retire": rotating(Leaves),
	"renew": {
		run: func(dir string) error {
			s, err := Open(dir, at(afterwards))
			if err != nil {
				return err
			}
			_, err = s.Renew(context.Background(), nil, 0, true)
			return err
		},
		done: func(before, after *index) bool {
			for i, e := range after.Entries {
				if e.Serial == before.Entries[i].Serial {
					return false
				}
			}
			return len(after.Entries) == len(before.Entries)
		},
	},
}

// partner is another's CA.
const partner = `-----BEGIN CERTIFICATE-----
MIIBijCCATGgAwIBAgIUEaEeUAlJNO9PvZ5DY1513dBUiaowCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHcGFydG5lcjAgFw0yNjExMjExODUxMzVaGA8yMTI2MTAyODE4
NTEzNVowEjEQMA4GA1UEAwwHcGFydG5lcjBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABBPrHUGL7o4WmoEMKbimBHEI48xJPzo0akt9NrvQiVBOlcsS93sFpAstm5SW
lcscfbzrtAhMi2ndwMKqaGwJ48yjYzBhMB0GA1UdDgQWBBSm5PfcAIMql72MU5hC
hyRjnrmWNDAfBgNVHSMEGDAWgBSm5PfcAIMql72MU5hChyRjnrmWNDAPBgNVHRMB
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBEAiAgD187
6enbdx+yOozK277+LG1crMAWjWg7H2EB9c5d6AIgem99S+HIWP69vDHQhjoNyBfS
1slfpprQoDdD6u9O+oE=
-----END CERTIFICATE-----
`

// child does an operation, and has something happen to it at a step. It ends with status 0 when the operation was done, and
// with 9 and a message when it failed.
func child(name string) {
	fault := os.Getenv(envFault)
	from, _ := strconv.ParseInt(os.Getenv(envAt), 10, 64)
	var steps atomic.Int64
	step = func(string) {
		if steps.Add(1) == from {
			happen(fault)
		}
	}
	err := operations[name].run(os.Getenv(envDir))
	if steps.Load() < from {
		fmt.Print("through")
	}
	if err != nil {
		fmt.Print(err)
		os.Exit(9)
	}
	os.Exit(0)
}

func happen(fault string) {
	limit := func(resource int) {
		if err := syscall.Setrlimit(resource, &syscall.Rlimit{}); err != nil {
			panic(err)
		}
	}
	switch fault {
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until it arrives
	case "no room":
		signal.Ignore(syscall.SIGXFSZ)
		limit(syscall.RLIMIT_FSIZE)
	case "no more files":
		limit(syscall.RLIMIT_NOFILE)
	}
}

// play runs an operation on a store in a process of its own. Through says that the step was never reached, and failed is what
// the operation failed with.
func play(t *testing.T, name, dir, fault string, at int) (through bool, failed string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envOperation+"="+name, envDir+"="+dir, envFault+"="+fault, envAt+"="+strconv.Itoa(at))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit) && exit.ExitCode() == 9:
		failed = string(out)
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
	default:
		t.Fatalf("%s, %s at step %d: %v", name, fault, at, err)
	}
	return strings.HasPrefix(string(out), "through"), strings.TrimPrefix(failed, "through")
}

// begun is a store for an operation to begin with, and its index.
func begun(t *testing.T, from Stage) (string, *index) {
	s := newStore(t, Init{})
	issue(t, s, server, Request{Name: "client", Purpose: Client, URIs: []string{"spiffe://cluster.local/ns/shop/sa/client"}})
	for s.Stage() != from {
		if _, err := s.Rotate(t.Context(), Rotation{}); err != nil {
			t.Fatal(err)
		}
	}
	return s.Dir(), s.x
}

// copied is a copy of a store, or where one is to be made.
func copied(t *testing.T, operation, model string) string {
	dir := filepath.Join(t.TempDir(), "pki")
	if operation == "create" {
		return dir
	}
	// Not os.CopyFS, which makes modes anew.
	if out, err := exec.Command("cp", "-a", model, dir).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	return dir
}

// TestKilled kills each operation at each of its steps. The store is then the old one or the new one, and the next change
// leaves nothing behind.
func TestKilled(t *testing.T) {
	for name, o := range operations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, before := begun(t, o.from)
			var old, young int
			for at := 1; ; at++ {
				dir := copied(t, name, from)
				through, failed := play(t, name, dir, "kill", at)
				if failed != "" {
					t.Fatalf("it failed: %s", failed)
				}
				if through {
					break
				}
				if isNew := outcome(t, name, o, before, dir); isNew {
					young++
				} else if old++; young > 0 {
					t.Errorf("killed at step %d it is the old store, and killed before, the new one", at)
				}
				next(t, dir)
				if t.Failed() {
					t.Fatalf("killed at step %d", at)
				}
			}
			if old == 0 || young == 0 {
				t.Errorf("after %d kills it was the old store, after %d the new one", old, young)
			}
			t.Logf("killed at %d steps: %d times the old store, %d times the new one", old+young, old, young)
		})
	}
}

// outcome audits a store and tells whether it is what the operation makes of it; if not, it is what it was.
func outcome(t *testing.T, name string, o operation, before *index, dir string) (isNew bool) {
	t.Helper()
	x, err := readIndex(dir)
	var none *NoStoreError
	switch {
	case name == "create" && errors.As(err, &none):
		return false
	case err != nil:
		t.Fatal(err)
	}
	audit(t, dir, at(afterwards))
	isNew = o.done(before, x)
	if !isNew && !before.Changed.Equal(x.Changed) {
		t.Error("it is neither the old store nor the new one")
	}
	return isNew
}

// next changes a store, or makes it where there is none, as a user would after something went wrong.
func next(t *testing.T, dir string) {
	t.Helper()
	s, err := Open(dir, at(afterwards.Add(time.Hour)))
	var none *NoStoreError
	if errors.As(err, &none) {
		s, err = Create(dir, Init{}, at(afterwards.Add(time.Hour)))
	}
	if err != nil {
		t.Fatal(err)
	}
	// One that changes nothing mends as well.
	issue(t, s)
	exact(t, dir)
	issue(t, s, Request{Name: "next", Purpose: Server, DNS: []string{"next.example"}})
	audit(t, dir, at(afterwards))
	exact(t, dir)
}

// TestDiskFails has the disk refuse everything from each step on: to store another byte, or to open another file. What cannot
// be done is an error, and the store is the old one, with nothing beside it, or the new one.
func TestDiskFails(t *testing.T) {
	for _, name := range []string{"create", "issue one", "keep a peer", "renew", "trust", "leaves", "retire"} {
		o := operations[name]
		for _, fault := range []string{"no room", "no more files"} {
			t.Run(name+"/"+fault, func(t *testing.T) {
				t.Parallel()
				from, before := begun(t, o.from)
				errs := 0
				for at := 1; ; at++ {
					dir := copied(t, name, from)
					was := map[string]string{}
					if name != "create" {
						was = listing(t, dir)
					}
					through, failed := play(t, name, dir, fault, at)
					if through {
						break
					}
					if failed != "" {
						errs++
					}
					switch isNew := outcome(t, name, o, before, dir); {
					case !isNew && failed == "":
						t.Error("nothing has changed, and that was no error")
					case isNew && name == "create" && failed != "":
						t.Errorf("the store was made, and there was the error %s", failed)
					case !isNew && fault == "no room":
						// A folder cannot be emptied by a process that can open no file, but by one that can store no byte.
						if is := now(t, dir); !maps.Equal(was, is) {
							t.Errorf("after the error %q the folder has changed: %v", failed, is)
						}
					}
					next(t, dir)
					if t.Failed() {
						t.Fatalf("step %d", at)
					}
				}
				if errs == 0 {
					t.Error("it never failed")
				}
				t.Logf("%d errors", errs)
			})
		}
	}
}

// now is a folder as it is, or nothing where there is none.
func now(t *testing.T, dir string) map[string]string {
	if !exists(dir) {
		return map[string]string{}
	}
	return listing(t, dir)
}
