package handshake

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStartRefuses: what nginx would take without a word, and what it says itself.
func TestStartRefuses(t *testing.T) {
	good := must(must(NewAuthority("partner")).Issue(Leaf{DNS: []string{"a.example"}}))
	bad := Certificate{CertPEM: []byte("none"), KeyPEM: good.KeyPEM}
	server := Server{Names: []string{"a.example"}, Certificate: &good}
	with := func(change func(*Server)) []Port {
		changed := server
		change(&changed)
		return []Port{{Servers: []Server{changed}}}
	}
	for want, ports := range map[string][]Port{
		"no ports":                            nil,
		`two ports "x"`:                       {{Name: "x", Servers: []Server{server}}, {Name: "x", Servers: []Server{server}}},
		`two servers "A.example"`:             {{Servers: []Server{server, {Names: []string{"A.example"}, Certificate: &good}}}},
		"another one is the default":          {{Servers: []Server{{Names: []string{"b.example"}, Certificate: &good, Default: true}, {Names: []string{"c.example"}, Certificate: &good, Default: true}}}},
		"plain, and yet":                      {{Plain: true, HTTP2: true}},
		"no more than TLS 1.3":                {{MinVersion: 0x305}},
		"a certificate is for TLS":            {{Plain: true, Servers: []Server{server}}},
		"and TLS needs one":                   with(func(s *Server) { s.Certificate = nil }),
		"no names":                            with(func(s *Server) { s.Names = nil }),
		`"a\" b" is not a name`:               with(func(s *Server) { s.Names = []string{`a" b`} }),
		"need an authority":                   with(func(s *Server) { s.ClientOptional = true }),
		"nginx: [emerg] cannot load certific": with(func(s *Server) { s.Certificate = &bad }),
	} {
		nginx, err := Start(t.Context(), t.TempDir(), ports...)
		if err == nil {
			nginx.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := Start(t.Context(), filepath.Join(t.TempDir(), "missing"), Port{Servers: []Server{server}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	if _, err := find([]string{"no-such-nginx"}); err == nil || !strings.Contains(err.Error(), "apt-get install nginx-light") {
		t.Errorf("missing nginx: %v", err)
	}
}

// TestNginxLivesAsLongAsSaid: until Close, or until the context ends; and its ports and keys are its own.
func TestNginxLivesAsLongAsSaid(t *testing.T) {
	certificate := must(must(NewAuthority("partner")).Issue(Leaf{DNS: []string{"a.example"}}))
	port := Port{Servers: []Server{{Names: []string{"a.example"}, Certificate: &certificate}}}
	for name, end := range map[string]func(*Nginx, context.CancelFunc){
		"Close":   func(n *Nginx, _ context.CancelFunc) { n.Close() },
		"context": func(n *Nginx, cancel context.CancelFunc) { cancel(); <-n.ended },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		dir := t.TempDir()
		nginx := must(Start(ctx, dir, port))
		if _, err := net.Listen("tcp", nginx.Address("")); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%s: the port can be had by others: %v", name, err)
		}
		for _, file := range must(filepath.Glob(filepath.Join(dir, "*.key"))) {
			if mode := must(os.Stat(file)).Mode().Perm(); mode != 0o600 {
				t.Errorf("%s: %s is %v", name, file, mode)
			}
		}
		client, request := Client{SNI: "a.example"}, Request{Host: "a.example"}
		if got, err := nginx.Try(t.Context(), "", client, request); err != nil || !got.OK {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if _, err := nginx.Try(t.Context(), "other", client, request); err == nil || !strings.Contains(err.Error(), `no port "other"`) {
			t.Errorf("%s: %v", name, err)
		}
		end(nginx, cancel)
		if _, err := nginx.Try(t.Context(), "", client, request); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: it still answers: %v", name, err)
		}
	}
}

// orphanage is the argument by which this test binary becomes a test that is killed.
const orphanage = "leave-an-orphan"

// leaveAnOrphan starts an nginx, says which process that is, and waits to be killed.
func leaveAnOrphan() {
	nginx, err := Start(context.Background(), os.Args[2], Port{Plain: true})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(nginx.command.Process.Pid)
	select {}
}

// TestNoOrphans: nginx dies with its test, even if that is killed.
func TestNoOrphans(t *testing.T) {
	parent := exec.Command(must(os.Executable()), orphanage, t.TempDir())
	output := must(parent.StdoutPipe())
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(line)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	for range 100 {
		if gone(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("nginx %d is still there", pid)
}

// gone says whether a process has ended. One that nobody has waited for yet has.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func BenchmarkStart(b *testing.B) {
	authority := must(NewAuthority("partner"))
	certificate := must(authority.Issue(Leaf{DNS: []string{"*.example"}}))
	for _, c := range []struct{ ports, servers int }{{1, 1}, {10, 10}, {100, 1}, {1, 100}, {300, 3}} {
		b.Run(fmt.Sprintf("%d ports with %d servers", c.ports, c.servers), func(b *testing.B) {
			var ports []Port
			for i := range c.ports {
				port := Port{Name: strconv.Itoa(i)}
				for j := range c.servers {
					port.Servers = append(port.Servers, Server{Names: []string{fmt.Sprintf("a%d.example", j)}, Certificate: &certificate, ClientCA: authority.PEM()})
				}
				ports = append(ports, port)
			}
			var memory string
			for b.Loop() {
				nginx, err := Start(b.Context(), b.TempDir(), ports...)
				if err != nil {
					b.Fatal(err)
				}
				memory = rss(nginx.command.Process.Pid)
				nginx.Close()
			}
			b.Log(memory)
		})
	}
}

func BenchmarkTry(b *testing.B) {
	o := newOutside(b)
	for _, version := range []uint16{0x303, 0x304} {
		client := Client{SNI: "on.partner.example", Roots: o.partner.PEM(), Names: []string{"on.partner.example"}, Certificate: o.client, MinVersion: version, MaxVersion: version}
		for name, client := range map[string]Client{"good": client, "refused by the client": {SNI: client.SNI, Roots: o.mesh.PEM()}, "alert": {SNI: "nobody.example"}} {
			b.Run(fmt.Sprintf("%x/%s", version, name), func(b *testing.B) {
				for b.Loop() {
					if _, err := o.Try(b.Context(), "tls", client, Request{Host: "on.partner.example"}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
