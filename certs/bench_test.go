package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

const thousand = 1000

// BenchmarkThousand issues a thousand certificates into a new store on the disk, and makes as many without writing them, in turns with what the cryptography of that
// costs by crypto/x509 alone, on as many cores: as many keys, requests, checks of requests, and certificates. The ratios are
// those of the medians.
func BenchmarkThousand(b *testing.B) {
	var store, made, bare sample
	for b.Loop() {
		s := newStore(b, Init{})
		made.take(func() { makeAll(b, s, many(thousand)) })
		store.take(func() { issue(b, s, many(thousand)...) })
		bare.take(func() { cryptography(b, thousand) })
	}
	b.ReportMetric(store.median(store.wall), "ms-store")
	b.ReportMetric(bare.median(bare.wall), "ms-bare")
	b.ReportMetric(store.median(store.wall)/bare.median(bare.wall), "wall-ratio")
	b.ReportMetric(store.median(store.cpu)/bare.median(bare.cpu), "CPU-ratio")
	b.ReportMetric(made.median(made.wall)/bare.median(bare.wall), "unwritten-wall-ratio")
	b.ReportMetric(made.median(made.cpu)/bare.median(bare.cpu), "unwritten-CPU-ratio")
}

// makeAll makes certificates on all cores and keeps none.
func makeAll(b *testing.B, s *Store, requests []Request) {
	c := &change{index: s.x}
	issuer, err := s.issuer(c)
	if err != nil {
		b.Fatal(err)
	}
	turn := make(chan Request, len(requests))
	for _, r := range requests {
		if err := r.check(); err != nil {
			b.Fatal(err)
		}
		turn <- r
	}
	close(turn)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for r := range turn {
				if _, _, err := c.make(b.Context(), issuer, r, start); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

func many(n int) []Request {
	requests := make([]Request, n)
	for i := range requests {
		name := fmt.Sprintf("svc-%05d", i)
		requests[i] = Request{Name: name, Purpose: Server, CommonName: name, DNS: []string{name + ".ext.example", name + ".shop.svc"}}
	}
	return requests
}

// cryptography is what n certificates cost at the least.
func cryptography(b *testing.B, n int) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, NotBefore: start, NotAfter: start.Add(DefaultCAValidity),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
	one := func(r Request) error {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		subject := pkix.Name{CommonName: r.CommonName}
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject, DNSNames: r.DNS}, private)
		if err != nil {
			return err
		}
		request, err := x509.ParseCertificateRequest(der)
		if err != nil {
			return err
		}
		if err := request.CheckSignature(); err != nil {
			return err
		}
		_, err = x509.CreateCertificate(rand.Reader, &x509.Certificate{
			SerialNumber: big.NewInt(2), Subject: subject, DNSNames: r.DNS, NotBefore: start, NotAfter: start.Add(DefaultValidity),
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}, ca, request.PublicKey, key)
		return err
	}
	turn := make(chan Request, n)
	for _, r := range many(n) {
		turn <- r
	}
	close(turn)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for r := range turn {
				if err := one(r); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

// A sample has the milliseconds of several runs.
type sample struct{ wall, cpu []float64 }

func (s *sample) take(run func()) {
	runtime.GC() // what the other has left is not to be paid for here
	cpu, wall := cpuTime(), time.Now()
	run()
	s.wall = append(s.wall, time.Since(wall).Seconds()*1000)
	s.cpu = append(s.cpu, (cpuTime()-cpu).Seconds()*1000)
}

func (*sample) median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// cpuTime is what the process has taken so far, for itself and in the kernel.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
