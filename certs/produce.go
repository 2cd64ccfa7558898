package certs

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// batch is how many certificates are written before the disk is told to store them, while the next are made.
const batch = 250

// A product is a certificate that was made, and the files of its folder.
type product struct {
	at    int
	entry Entry
	files []file
	err   error
}

// produce makes certificates with their folders: all of them, or it fails by what failed first. Keys and signatures are made
// on all cores. The files are written by one, for in one folder the file system lets one wait for the other anyway.
func (c *change) produce(ctx context.Context, issuer Issuer, requests []Request, now time.Time) ([]Entry, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	turn := make(chan int, len(requests))
	for i := range requests {
		turn <- i
	}
	close(turn)
	done := make(chan product, len(requests))
	var makers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(requests)) {
		makers.Go(func() {
			for i := range turn {
				if ctx.Err() != nil {
					return
				}
				p := product{at: i}
				p.entry, p.files, p.err = c.make(ctx, issuer, requests[i], now)
				done <- p
			}
		})
	}
	go func() {
		makers.Wait()
		close(done)
	}()
	made := make([]Entry, len(requests))
	var wrong error
	written, synced := 0, make(chan error, len(requests)/batch)
	for p := range done {
		if wrong != nil {
			continue
		}
		if wrong = p.err; wrong == nil {
			wrong = c.folder(p.entry.Folder, p.files...)
		}
		if wrong != nil {
			stop()
			continue
		}
		made[p.at] = p.entry
		if written++; written%batch == 0 {
			go func() { synced <- syncAll(filepath.Join(c.dir, versionsDir)) }()
		}
	}
	for range written / batch {
		wrong = errors.Join(wrong, <-synced)
	}
	if wrong == nil {
		wrong = ctx.Err()
	}
	return made, wrong
}
