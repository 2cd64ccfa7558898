package certs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/cloudflare/cfssl/auth"
)

// answerLimit is far more than a certificate and its chain need.
const answerLimit = 1 << 20

// A refusal is what the server says in place of a certificate.
type refusal struct {
	status  int
	message string
}

func (e *refusal) Error() string {
	return fmt.Sprintf("it refuses: %s", cmp.Or(e.message, http.StatusText(e.status)))
}

// ask sends a request with its token, and gives the certificate that comes back.
func (r *remote) ask(ctx context.Context, request []byte) ([]byte, error) {
	token, err := r.token(request)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(auth.AuthenticatedRequest{Token: token, Request: request})
	if err != nil {
		return nil, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, r.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	post.Header.Set("Content-Type", "application/json")
	response, err := r.client.Do(post)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return nil, err
	}
	var answer struct {
		Result struct{ Certificate string }
		Errors []struct{ Message string }
	}
	known := json.Unmarshal(data, &answer) == nil
	switch {
	case known && len(answer.Errors) > 0:
		return nil, &refusal{response.StatusCode, answer.Errors[0].Message}
	case response.StatusCode != http.StatusOK:
		return nil, &refusal{response.StatusCode, ""}
	case answer.Result.Certificate == "":
		return nil, errors.New("its answer is none of CFSSL's")
	}
	return []byte(answer.Result.Certificate), nil
}

// wrong names the server, says what failed in words of ours, and what to do.
func (r *remote) wrong(err error) error {
	e := &RemoteError{URL: r.options.URL, Err: err}
	var transport *url.Error
	if errors.As(err, &transport) {
		e.Err = transport.Err
	}
	var refused *refusal
	var tlsError *tls.CertificateVerificationError
	var alert *net.OpError
	switch {
	case errors.As(err, &tlsError):
		e.Hint, e.Err = untrusted(tlsError)
	case errors.Is(err, http.ErrSchemeMismatch):
		e.Err, e.Hint = errors.New("it does not speak TLS on this port"), "start it with -tls-cert and -tls-key"
	case errors.As(err, &alert) && alert.Op == "remote error" || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF):
		// In TLS 1.3 the client is done with the handshake before the server looks at its certificate, and may write into
		// a connection that is closed already.
		e.Err, e.Hint = fmt.Errorf("it breaks the connection off: %w", e.Err), "it may ask for a client certificate (-mutual-tls-ca), or for another than the one shown"
	case errors.Is(err, context.DeadlineExceeded):
		e.Err = fmt.Errorf("no answer within %s: %w", r.options.Timeout, context.DeadlineExceeded)
	case errors.As(err, &refused):
		e.Hint = r.advice(refused)
	}
	return e
}

// untrusted says what is wrong with the server's own certificate.
func untrusted(e *tls.CertificateVerificationError) (hint string, err error) {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	switch {
	case errors.As(e, &invalid) && invalid.Reason == x509.Expired:
		return "renew the certificate of its -tls-cert", fmt.Errorf("its own certificate is valid from %s to %s only", invalid.Cert.NotBefore.UTC().Format(time.DateTime), invalid.Cert.NotAfter.UTC().Format(time.DateTime))
	case errors.As(e, &unknown):
		return "give the CA of its -tls-cert, which need not be the one that it signs with", errors.New("its own certificate does not lead to the CA that was given for it")
	case errors.As(e, &host):
		return "call it by a name of its certificate", fmt.Errorf("its own certificate is for %s, not for %s", strings.Join(namesOf(host.Certificate), ", "), host.Host)
	}
	return "", e.Err
}

// advice goes by what cfssl v1.6.5 says (api/signhandler): it has one code for all of these.
func (r *remote) advice(e *refusal) string {
	switch {
	case e.message == "invalid token":
		return "the key is not that of the profile's auth_key, nor of its prev_auth_key"
	case e.message == "no authentication provider":
		return "the profile has no auth_key, or there is no profile of that name and the default one has none; scenario certs lint looks at the server's configuration"
	case e.status == http.StatusNotFound:
		return "no profile of the server has an auth_key, or its CA could not be loaded: then there is no authsign"
	}
	return ""
}
