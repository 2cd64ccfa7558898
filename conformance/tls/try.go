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
	// Host is the Host header, with or without a port.
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
	HTTP           Phase = "http"            // TLS, where there is any, stands
)

// Result is how a call went.
type Result struct {
	// OK: TLS stands, if any was wanted, and a server answered the request with 200.
	OK bool
	// RefusedBy is who ended it first, if it is not OK. An answer in HTTP to what is none is a refusal by the server.
	RefusedBy Side
	// Why is one line: what the client holds against the certificate, the server's alert, or its HTTP answer.
	Why string
	// Phase is where it ended: HTTP if it is OK. A refusal that comes after the handshake in TLS 1.3 is of the handshake.
	Phase Phase
	// Status of the HTTP answer; 0 without one.
	Status int
	// Version and ALPN are what the outermost TLS agreed on, such as "TLS 1.3" and "h2"; "" without.
	Version, ALPN string
	// Seen is what the server saw. It is empty if TLS did not come to stand.
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

// try calls the address. The error says that it could not be tried, or that nobody answered: that is no refusal.
func try(ctx context.Context, dialer net.Dialer, address string, client Client, request Request) (Result, error) {
	host := request.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	layers, err := client.layers(host)
	if err != nil {
		return Result{}, err
	}
	target, err := url.Parse(cmp.Or(request.Path, "/"))
	if err != nil {
		return Result{}, fmt.Errorf("request: %w", err)
	}
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
		secured := tls.Client(heard, layer.config)
		if err := secured.Handshake(); err != nil {
			return refused(ctx, result, err, heard)
		}
		if i == 0 {
			state := secured.ConnectionState()
			result.Version, result.ALPN = tls.VersionName(state.Version), state.NegotiatedProtocol
		}
		stream = secured
	}
	response, err := exchange(ctx, stream, &http.Request{
		Method: http.MethodGet,
		URL:    &url.URL{Scheme: "https", Host: cmp.Or(request.Host, address), Path: target.Path, RawPath: target.RawPath, RawQuery: target.RawQuery},
		Host:   request.Host,
		Header: http.Header{},
	})
	if err != nil {
		return refused(ctx, result, err, nil)
	}
	result.Phase = HTTP
	answered(&result, response)
	return result, nil
}

// answer is an HTTP response that has been read to its end.
type answer struct {
	*http.Response
	body string
}

// exchange sends one request over the stream and reads what comes back.
func exchange(ctx context.Context, stream net.Conn, request *http.Request) (answer, error) {
	var response *http.Response
	var err error
	if secured, ok := stream.(*tls.Conn); ok && secured.ConnectionState().NegotiatedProtocol == "h2" {
		transport := &http.Transport{
			DialTLSContext:    func(context.Context, string, string) (net.Conn, error) { return secured, nil },
			ForceAttemptHTTP2: true,
		}
		defer transport.CloseIdleConnections()
		response, err = transport.RoundTrip(request.WithContext(ctx))
	} else {
		request.Close = true
		// A server that refused may have closed already. What it said before tells more than that we cannot write.
		writeErr := request.Write(stream)
		if response, err = http.ReadResponse(bufio.NewReader(stream), request); err != nil && closed(err) {
			err = cmp.Or(writeErr, err)
		}
	}
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	return answer{response, string(body)}, err
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
	case errors.As(err, &record):
		// The name that OpenSSL and Envoy have for this is the one that people search for.
		result.RefusedBy, result.Why = TheServer, fmt.Sprintf("wrong version number: the server answers TLS with %q", heard.start)
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
	response, err := http.ReadResponse(bufio.NewReader(stream), nil)
	if err != nil {
		return answer{}, false
	}
	defer response.Body.Close()
	// A body cut short does no harm: the status has been said.
	body, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	return answer{response, string(body)}, true
}
