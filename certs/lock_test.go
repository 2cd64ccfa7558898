package certs

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// crowd issues certificates one by one, under names of its own.
func crowd(dir string) error {
	s, err := Open(dir, at(afterwards))
	if err != nil {
		return err
	}
	for i := range crowdEach {
		r := Request{Name: fmt.Sprintf("%s-%d", os.Getenv(envAt), i), Purpose: Server, DNS: []string{"crowd.example"}}
		if _, err := s.Issue(context.Background(), Wanted{Certificates: []Request{r}}); err != nil {
			return err
		}
	}
	return nil
}

const crowdEach = 4

// TestAtOnce has processes change one store at once: nothing that one of them did is lost.
func TestAtOnce(t *testing.T) {
	s := newStore(t, Init{})
	const processes = 6
	var wait sync.WaitGroup
	for i := range processes {
		wait.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), envOperation+"=crowd", envDir+"="+s.Dir(), envAt+"="+fmt.Sprint(100+i))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wait.Wait()
	if got := len(audit(t, s.Dir(), at(afterwards)).Entries()); got != processes*crowdEach {
		t.Errorf("%d certificates, of %d", got, processes*crowdEach)
	}
	exact(t, s.Dir())
}

// TestMadeAtOnce has several make a store in the same folder: one does, the others are told so.
func TestMadeAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	made := make(chan error)
	const several = 4
	for range several {
		go func() { _, err := Create(dir, Init{}, at(start)); made <- err }()
	}
	var done int
	for range several {
		var exists *ExistsError
		switch err := <-made; {
		case err == nil:
			done++
		case !errors.As(err, &exists) || !exists.Store:
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("%d made it", done)
	}
	audit(t, dir, at(start))
	exact(t, dir)
}

// TestBusy waits for a store that somebody else holds, for as long as patience lasts.
func TestBusy(t *testing.T) {
	s := newStore(t, Init{})
	lock := flock.New(filepath.Join(s.Dir(), lockFile))
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer func(d time.Duration) { patience = d }(patience)
	patience = time.Millisecond
	var busy *BusyError
	if _, err := s.Issue(t.Context(), Wanted{Certificates: []Request{server}}); !errors.As(err, &busy) {
		t.Errorf("%v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Issue(cancelled, Wanted{Certificates: []Request{server}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	patience = time.Minute
	issue(t, s, server)
}

// TestRead reads a store while another changes it: each certificate comes with its own key.
func TestRead(t *testing.T) {
	s := newStore(t, Init{})
	issue(t, s, server, other)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 30 {
			if _, err := s.Renew(context.Background(), nil, 0, true); err != nil {
				t.Error(err)
			}
		}
	}()
	reads := 0
	for ended := false; !ended; reads++ {
		select {
		case <-done:
			ended = true
		default:
		}
		reader, err := Open(s.Dir(), at(start))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []Request{server, other} {
			certificate, key, err := reader.Pair(r.Name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tls.X509KeyPair(certificate, key); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("read %d times", reads)
}
