package handshake

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"text/template"
	"time"
)

// Port is one port of nginx, of 127.0.0.1, with the servers behind it. Which of them does the handshake is decided by SNI,
// and which one answers by the Host header. A handshake that names none of them is refused, unless one is the default.
type Port struct {
	// Name is how Try calls the port; "" is a name too.
	Name string
	// Plain is HTTP without TLS.
	Plain bool
	// HTTP2 offers h2 besides HTTP/1.1.
	HTTP2 bool
	// SNIOnly is for the gateways of a mesh, which are called by one name in SNI and by another in HTTP, and choose a
	// filter chain by the first alone. nginx looks for a server once more when it sees the Host header, and answers 421
	// if that one wants client certificates: so Try has in it what SNI says.
	SNIOnly bool
	// MinVersion is the least version of TLS, a number of crypto/tls; 0 is TLS 1.2. The greatest is TLS 1.3.
	MinVersion uint16

	Servers []Server
}

// Server is one server block: an outside service, or a gateway. It answers every request with 200.
type Server struct {
	// Names are what it is called by; one may begin with "*.".
	Names []string
	// Default makes it answer to names that no server of the port has, and to connections that name none.
	Default bool
	// Certificate must be given, unless the port is plain.
	Certificate *Certificate
	// ClientCA are the authorities, as PEM, of the clients it admits; nil: it asks for no certificate.
	ClientCA []byte
	// ClientOptional admits clients without a certificate as well. One that does show a certificate needs a good one.
	ClientOptional bool
}

// Nginx is a running nginx. It may be called from several goroutines.
type Nginx struct {
	addresses map[string]string // of ports
	sniOnly   map[string]bool   // those ports
	log       string
	command   *exec.Cmd
	stop      context.CancelFunc
	ended     chan struct{}
	calls     atomic.Uint32
}

// Start runs one nginx for all of the ports and returns when it answers. Each port gets a number that is free.
//
// Its files go into dir, which must exist, be its own, and outlive it; private keys are readable by their owner alone.
// It runs until the context ends, Close is called or this process dies, however it dies.
func Start(ctx context.Context, dir string, ports ...Port) (*Nginx, error) {
	lifetime, stop := context.WithCancel(ctx)
	n := &Nginx{
		addresses: map[string]string{},
		sniOnly:   map[string]bool{},
		log:       filepath.Join(dir, "error.log"),
		stop:      stop,
		ended:     make(chan struct{}),
	}
	if err := n.start(lifetime, dir, ports); err != nil {
		stop()
		return nil, fmt.Errorf("nginx: %w", err)
	}
	return n, nil
}

func (n *Nginx) start(ctx context.Context, dir string, ports []Port) error {
	binary, err := find(binaries)
	if err != nil {
		return err
	}
	if err := check(ports); err != nil {
		return err
	}
	for _, port := range ports {
		socket, address, err := hold()
		if err != nil {
			return fmt.Errorf("port %q: %w", port.Name, err)
		}
		defer syscall.Close(socket)
		n.addresses[port.Name], n.sniOnly[port.Name] = address, port.SNIOnly
	}
	if err := n.configure(dir, ports); err != nil {
		return err
	}
	prefix, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	var complaint bytes.Buffer
	n.command = exec.CommandContext(ctx, binary, "-p", prefix, "-c", "nginx.conf", "-e", "error.log")
	n.command.Stderr = &complaint
	n.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := n.run(); err != nil {
		return err
	}
	if err := n.answers(ctx, n.addresses[ports[0].Name]); err != nil {
		n.Close()
		if complaint.Len() > 0 {
			return errors.New(strings.TrimPrefix(strings.TrimSpace(complaint.String()), "nginx: "))
		}
		return fmt.Errorf("does not answer: %w", err)
	}
	return nil
}

// binaries is where nginx may be: Debian has it in a place that is on the PATH of root alone.
var binaries = []string{"nginx", "/usr/sbin/nginx"}

func find(binaries []string) (string, error) {
	for _, binary := range binaries {
		if found, err := exec.LookPath(binary); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("none of %s is there: apt-get install nginx-light", strings.Join(binaries, ", "))
}

// soReusePort is SO_REUSEPORT of Linux, but on MIPS and SPARC. The syscall package does not have it everywhere.
const soReusePort = 0xf

// hold takes a free port without listening there. While it is held, nobody can have the port but a process of this user
// that says as well that the port may be shared, which nginx does: there is no moment between our finding a port free and
// nginx's taking it.
func hold() (socket int, address string, err error) {
	socket, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, "", os.NewSyscallError("socket", err)
	}
	if err = syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, soReusePort, 1); err == nil {
		err = syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err != nil {
		syscall.Close(socket)
		return 0, "", os.NewSyscallError("bind", err)
	}
	name, err := syscall.Getsockname(socket)
	if err != nil {
		syscall.Close(socket)
		return 0, "", os.NewSyscallError("getsockname", err)
	}
	return socket, fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port), nil
}

// run starts the process and looks after it until it ends.
func (n *Nginx) run() error {
	started := make(chan error)
	go func() {
		// The signal for the death of the parent comes when the thread dies that started nginx: this goroutine keeps it.
		runtime.LockOSThread()
		defer close(n.ended)
		err := n.command.Start()
		started <- err
		if err == nil {
			// That it was killed is no news.
			_ = n.command.Wait()
		}
	}()
	return <-started
}

// answers waits until nginx answers, be it with a refusal of plain HTTP. It opens its ports when it has read everything,
// for which it takes a millisecond or so for each server block.
func (n *Nginx) answers(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var conn net.Conn
	for {
		var err error
		if conn, err = new(net.Dialer).DialContext(ctx, "tcp", address); err == nil {
			break
		}
		select {
		case <-n.ended:
			return err
		case <-ctx.Done():
			return err
		case <-time.After(time.Millisecond):
		}
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		return err
	}
	_, err := conn.Read(make([]byte, 1))
	return err
}

// configure writes nginx.conf and the files it names.
func (n *Nginx) configure(dir string, ports []Port) error {
	type block struct {
		Server
		Port
		Address string
		Files   string // the path of its files, without what tells them apart
	}
	var blocks []block
	for i, port := range ports {
		for j, server := range port.Servers {
			b := block{server, port, n.addresses[port.Name], fmt.Sprintf("%d-%d", i, j)}
			blocks = append(blocks, b)
			if port.Plain {
				continue
			}
			files := map[string][]byte{".pem": server.Certificate.CertPEM, ".key": server.Certificate.KeyPEM}
			if server.ClientCA != nil {
				files[".ca"] = server.ClientCA
			}
			for suffix, content := range files {
				if err := os.WriteFile(filepath.Join(dir, b.Files+suffix), content, 0o600); err != nil {
					return err
				}
			}
		}
		if !slices.ContainsFunc(port.Servers, func(s Server) bool { return s.Default }) {
			blocks = append(blocks, block{Server{Default: true}, port, n.addresses[port.Name], ""})
		}
	}
	file, err := os.OpenFile(filepath.Join(dir, "nginx.conf"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	return configuration.Execute(file, map[string]any{
		"Blocks":      blocks,
		"Seen":        seenHeaders,
		"Connections": len(ports) + 1000, // nginx needs one for each port and each call
	})
}

// A single process, so that there is nobody to survive whoever is killed. Names that a mesh makes up are long.
var configuration = template.Must(template.New("nginx.conf").Parse(`daemon off;
master_process off;
pid nginx.pid;
error_log error.log info;
events {
  worker_connections {{.Connections}};
}
http {
  access_log off;
  client_body_temp_path tmp;
  proxy_temp_path tmp;
  fastcgi_temp_path tmp;
  uwsgi_temp_path tmp;
  scgi_temp_path tmp;
  server_names_hash_bucket_size 512;
  server_names_hash_max_size 65536;
  default_type text/plain;
{{- range .Seen}}
  add_header {{.Header}} {{.Variable}} always;
{{- end}}
{{- range .Blocks}}
  server {
    listen {{.Address}}{{if not .Plain}} ssl{{end}}{{if .HTTP2}} http2{{end}}{{if .Default}} default_server reuseport{{end}};
{{- if .Names}}
    server_name{{range .Names}} "{{.}}"{{end}};
{{- end}}
{{- if not .Plain}}
    ssl_protocols{{if lt .MinVersion 0x304}} TLSv1.2{{end}} TLSv1.3;
{{- if .Names}}
    ssl_certificate {{.Files}}.pem;
    ssl_certificate_key {{.Files}}.key;
{{- if .ClientCA}}
    ssl_client_certificate {{.Files}}.ca;
    ssl_verify_client {{if .ClientOptional}}optional{{else}}on{{end}};
{{- end}}
{{- else}}
    ssl_reject_handshake on;
{{- end}}
{{- end}}
{{- if .Names}}
    return 200 "here is $server_name\n";
{{- else}}
    return 404 "no server of this port has the name $host\n";
{{- end}}
  }
{{- end}}
}
`))

// serverName is what nginx takes for a server name and can be put between quotes: that of a cluster of Envoy has bars in it.
var serverName = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9._|-]+$`)

// check finds what nginx would take without a word, or refuse in its own words.
func check(ports []Port) error {
	if len(ports) == 0 {
		return errors.New("no ports")
	}
	taken := map[string]bool{}
	for _, port := range ports {
		if taken[port.Name] {
			return fmt.Errorf("two ports %q", port.Name)
		}
		taken[port.Name] = true
		if err := port.check(); err != nil {
			return fmt.Errorf("port %q: %w", port.Name, err)
		}
	}
	return nil
}

func (p *Port) check() error {
	if p.MinVersion > tls.VersionTLS13 {
		return fmt.Errorf("at least %s, and there is no more than TLS 1.3", tls.VersionName(p.MinVersion))
	}
	if p.Plain && (p.HTTP2 || p.SNIOnly || p.MinVersion != 0) {
		return errors.New("plain, and yet it says how to do TLS")
	}
	byDefault := false
	taken := map[string]bool{}
	for i, server := range p.Servers {
		if len(server.Names) == 0 {
			return fmt.Errorf("server %d: no names", i)
		}
		for _, n := range server.Names {
			if !serverName.MatchString(n) {
				return fmt.Errorf("server %d: %q is not a name", i, n)
			}
			if taken[strings.ToLower(n)] {
				return fmt.Errorf("two servers %q", n)
			}
			taken[strings.ToLower(n)] = true
		}
		if server.Default && byDefault {
			return fmt.Errorf("server %s: another one is the default", server.Names[0])
		}
		byDefault = byDefault || server.Default
		if hasTLS := server.Certificate != nil; hasTLS == p.Plain {
			return fmt.Errorf("server %s: a certificate is for TLS, and TLS needs one", server.Names[0])
		}
		if server.ClientCA != nil && p.Plain || server.ClientCA == nil && server.ClientOptional {
			return fmt.Errorf("server %s: client certificates are for TLS, and need an authority", server.Names[0])
		}
	}
	return nil
}

// Address is the address of a port, for callers other than Try; "" if there is no such port.
func (n *Nginx) Address(port string) string {
	return n.addresses[port]
}

// Close ends nginx and waits until it has ended.
func (n *Nginx) Close() {
	n.stop()
	<-n.ended
}

// Try makes one call to a port. An error says that the call could not be made, or that nobody answered it: what the
// client or the server refuse is in the Result.
func (n *Nginx) Try(ctx context.Context, port string, client Client, request Request) (Result, error) {
	address, ok := n.addresses[port]
	if !ok {
		return Result{}, fmt.Errorf("nginx: no port %q", port)
	}
	// Every call comes from an address of its own, all of 127.0.0.0/8 being loopback: by that we find what the log says
	// about it.
	call := n.calls.Add(1)
	from := net.IPv4(127, 1+byte(call>>16)%254, byte(call>>8), byte(call))
	logged, err := size(n.log)
	if err != nil {
		return Result{}, fmt.Errorf("nginx: %w", err)
	}
	header := request.Host
	if n.sniOnly[port] {
		header = cmp.Or(client.innermost().SNI, header)
	}
	result, err := try(ctx, net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}, address, client, request, header)
	if err != nil {
		return Result{}, fmt.Errorf("nginx: %w", err)
	}
	if result.RefusedBy == TheServer {
		if result.ServerLog, err = n.logLine(from, logged, result.Status == 0); err != nil {
			return Result{}, fmt.Errorf("nginx: %w", err)
		}
	}
	return result, nil
}

func size(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// logLine is the first line that nginx has logged about a client. It writes that before it answers in HTTP, but after it
// has sent an alert: that is to be waited for.
func (n *Nginx) logLine(from net.IP, offset int64, wait bool) (string, error) {
	suffix := regexp.MustCompile(`\*\d+ (.*), client: ` + regexp.QuoteMeta(from.String()) + `, `)
	for deadline := time.Now().Add(time.Second); ; time.Sleep(time.Millisecond) {
		file, err := os.Open(n.log)
		if err != nil {
			return "", err
		}
		info, err := file.Stat()
		if err != nil {
			file.Close()
			return "", err
		}
		lines := make([]byte, info.Size()-offset)
		_, err = file.ReadAt(lines, offset)
		file.Close()
		if err != nil {
			return "", err
		}
		if match := suffix.FindSubmatch(lines); match != nil {
			return string(match[1]), nil
		}
		if !wait || time.Now().After(deadline) {
			return "", nil
		}
	}
}
