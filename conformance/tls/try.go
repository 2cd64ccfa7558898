package handshake

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Request is what is asked for once TLS stands.
type Request struct {
	// Host is that of the request, with or without a port: the Host header, and what Client.AutoName wants to see in the
	// certificate. "" is the address that is called.
	Host string
	// Path begins with a slash; "" is "/".
	Path string
}

// Side is who of the two refused.
type Side string

// The sides. The zero Side says that nobody refused.
const (
	TheClient Side = "client"
	TheServer Side = "server"
)

// Phase is how far a hop got.
type Phase string

// The phases, in their order.
const (
	Handshake      Phase = "handshake"
	InnerHandshake Phase = "inner handshake" // of a TLS inside of another
	HTTP           Phase = "http"            // TLS, where there is any, stands, and HTTP is spoken
)

// Result is how a call went.
type Result struct {
	// OK: TLS stands, if any was wanted, and a server answered the request with 200.
	OK bool
	// RefusedBy is who ended it first, if it is not OK. An answer in HTTP to what is none is a refusal by the server.
	RefusedBy Side
	// Why is one line: what the client holds against the certificate, the server's alert, or its HTTP answer.
	Why string
	// Phase is where it ended: HTTP if it is OK. What a server refuses in TLS 1.3 when the client is done already is of the
	// handshake, and so is an answer in plain HTTP to a handshake.
	Phase Phase
	// Status of the HTTP answer; 0 without one.
	Status int
	// Version and ALPN are what the outermost TLS agreed on, such as "TLS 1.3" and "h2"; "" without.
	Version, ALPN string
	// Seen is what the server saw. It is empty if nothing was answered in HTTP.
	Seen Seen
	// ServerLog is the server's own line about its refusal; "" if it wrote none.
	ServerLog string
}

// Seen is what a server block of nginx saw of a call.
type Seen struct {
	Server        string // the first name of the block that answered
	SNI           string
	ClientVerify  string // "SUCCESS", "NONE" or "FAILED:" and the reason; "" where no TLS is spoken
	ClientSubject string // as RFC 2253 has it
	ClientSerial  string // that of Certificate
}

// The headers in which a server block says what it saw, and the variables of nginx that hold it.
var seenHeaders = []struct {
	Header, Variable string
	field            func(*Seen) *string
}{
	{"Seen-Server", "$server_name", func(s *Seen) *string { return &s.Server }},
	{"Seen-Sni", "$ssl_server_name", func(s *Seen) *string { return &s.SNI }},
	{"Seen-Verify", "$ssl_client_verify", func(s *Seen) *string { return &s.ClientVerify }},
	{"Seen-Subject", "$ssl_client_s_dn", func(s *Seen) *string { return &s.ClientSubject }},
	{"Seen-Serial", "$ssl_client_serial", func(s *Seen) *string { return &s.ClientSerial }},
}

// patience is how long a call may take if its context does not say: a server that says nothing at all is an error.
const patience = 10 * time.Second

// try calls the address, with that in its Host header. The error says that it could not be tried, or that nobody
// answered: that is no refusal.
func try(ctx context.Context, dialer net.Dialer, address string, client Client, request Request, header string) (Result, error) {
	host := request.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	layers, err := client.layers(host)
	if err != nil {
		return Result{}, err
	}
	target, err := url.ParseRequestURI(cmp.Or(request.Path, "/"))
	if err != nil {
		return Result{}, fmt.Errorf("request: %w", err)
	}
	if strings.ContainsFunc(header, func(r rune) bool { return r <= ' ' }) {
		return Result{}, fmt.Errorf("request: %q is not a host", header)
	}
	target.Scheme, target.Host = "https", cmp.Or(header, address)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return Result{}, err
	}
	defer conn.Close()
	// Whatever waits for the connection, stops when the context does.
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()

	result := Result{Phase: HTTP}
	stream := conn
	for i, layer := range layers {
		result.Phase = Handshake
		if i > 0 {
			result.Phase = InnerHandshake
		}
		heard := &listener{Conn: stream}
		secured := tls.Client(heard, layer)
		if err := secured.Handshake(); err != nil {
			return refused(ctx, result, err, heard)
		}
		if i == 0 {
			state := secured.ConnectionState()
			result.Version, result.ALPN = tls.VersionName(state.Version), state.NegotiatedProtocol
		}
		stream = secured
	}
	response, err := exchange(ctx, stream, target)
	if err != nil {
		return refused(ctx, result, err, nil)
	}
	result.Phase = HTTP
	answered(&result, response)
	return result, nil
}

// exchange asks for the target and reads what comes back.
func exchange(ctx context.Context, stream net.Conn, target *url.URL) (answer, error) {
	secured, ok := stream.(*tls.Conn)
	if ok && secured.ConnectionState().NegotiatedProtocol == "h2" {
		transport := &http.Transport{
			DialTLSContext:    func(context.Context, string, string) (net.Conn, error) { return secured, nil },
			ForceAttemptHTTP2: true,
		}
		defer transport.CloseIdleConnections()
		request := &http.Request{Method: http.MethodGet, URL: target, Header: http.Header{}}
		return read(transport.RoundTrip(request.WithContext(ctx)))
	}
	// By hand, because net/http does not say every host that Envoy does.
	_, err := fmt.Fprintf(stream, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", target.RequestURI(), target.Host)
	// A server that refused may have closed already. What it said before tells more than that we cannot write.
	if err != nil && !closed(err) {
		return answer{}, err
	}
	return read(http.ReadResponse(bufio.NewReader(stream), nil))
}

// answer is an HTTP response that has been read.
type answer struct {
	*http.Response
	body string
}

// read takes what the functions of net/http return.
func read(response *http.Response, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	// A body that is cut short, by a server that does not want to hear more, does no harm: the status has been said.
	body, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	return answer{response, string(body)}, nil
}

// answered reads an HTTP answer into the result.
func answered(result *Result, response answer) {
	result.Status = response.StatusCode
	for _, seen := range seenHeaders {
		*seen.field(&result.Seen) = response.Header.Get(seen.Header)
	}
	if result.OK = response.StatusCode == http.StatusOK; result.OK {
		return
	}
	result.RefusedBy = TheServer
	result.Why = summary(response)
	if _, reason, failed := strings.Cut(result.Seen.ClientVerify, "FAILED:"); failed {
		result.Why += ": " + reason
	}
}

var title = regexp.MustCompile(`<title>(.*?)</title>`)

// summary is an answer in one line. The page of nginx has its reason in the title, after the status.
func summary(response answer) string {
	if match := title.FindStringSubmatch(response.body); match != nil {
		return match[1]
	}
	line, _, _ := strings.Cut(response.body, "\n")
	return strings.TrimSuffix(fmt.Sprintf("%d %s: %s", response.StatusCode, http.StatusText(response.StatusCode), line), ": ")
}

// refused says what an error means. Of a handshake, what has been heard instead of TLS tells more than the error.
func refused(ctx context.Context, result Result, err error, heard *listener) (Result, error) {
	if errors.Is(err, os.ErrDeadlineExceeded) || ctx.Err() != nil {
		return Result{}, fmt.Errorf("no answer in the %s: %w", result.Phase, cmp.Or(ctx.Err(), err))
	}
	var remote *net.OpError
	var record tls.RecordHeaderError
	switch {
	case heard != nil && errors.As(err, &record):
		// The name that OpenSSL and Envoy have for this is the one that people search for.
		result.RefusedBy, result.Why = TheServer, fmt.Sprintf("wrong version number: the server answers TLS with %q", heard.start[:min(len(heard.start), 64)])
		if response, ok := heard.http(); ok {
			result.Status = response.StatusCode
			result.Why = "wrong version number: the server answers TLS with plain HTTP, " + summary(response)
		}
	case errors.As(err, &remote) && remote.Op == "remote error":
		result.RefusedBy, result.Why = TheServer, "alert: "+strings.TrimPrefix(remote.Err.Error(), "tls: ")
	case closed(err):
		result.RefusedBy, result.Why = TheServer, "the server closed the connection without a word"
	default:
		result.RefusedBy, result.Why = TheClient, err.Error()
	}
	return result, nil
}

func closed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// listener is a connection that remembers how what came began.
type listener struct {
	net.Conn
	start []byte
}

func (l *listener) Read(into []byte) (int, error) {
	n, err := l.Conn.Read(into)
	l.start = append(l.start, into[:min(n, 1024-len(l.start))]...)
	return n, err
}

// http reads what came as an HTTP answer, waiting for the rest of it.
func (l *listener) http() (answer, bool) {
	if !bytes.HasPrefix(l.start, []byte("HTTP/")) {
		return answer{}, false
	}
	stream := io.MultiReader(bytes.NewReader(bytes.Clone(l.start)), l)
	response, err := read(http.ReadResponse(bufio.NewReader(stream), nil))
	return response, err == nil
}
