package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// reason says in a few words why a kind was not given.
func reason(err error) string {
	switch {
	case apierrors.IsForbidden(err):
		return "forbidden"
	case apierrors.IsServiceUnavailable(err):
		return "its API does not answer"
	}
	return err.Error()
}

// explain says why a cluster could not be read, and what to do about it.
func (r *reading) explain(err error, host string) error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	found := &Error{}
	switch {
	case err == errNothing:
		found.Err = errors.New("nothing of it may be listed")
		if len(r.options.Namespaces) == 0 {
			found.Hint = "name the namespaces that you may read with --namespace"
		}
	case apierrors.IsUnauthorized(err):
		found.Err = fmt.Errorf("%s does not accept who you are (401)", host)
		found.Hint = "the login may have run out: oc login " + host
	case errors.Is(err, syscall.ECONNREFUSED):
		found.Err = fmt.Errorf("%s refuses the connection", host)
		found.Hint = "is the cluster up, and the address right?"
	case timedOut(err):
		found.Err = fmt.Errorf("%s does not answer in time", host)
		found.Hint = "is the cluster up, and the network or proxy to it?"
	default:
		var dns *net.DNSError
		if errors.As(err, &dns) {
			found.Hint = "is the address right, and the network or proxy to it up?"
		}
		var request *url.Error
		if errors.As(err, &request) {
			err = fmt.Errorf("%s: %w", host, request.Err) // a page's address can be long, and says nothing
		}
		found.Err = err
	}
	found.Err = fmt.Errorf("cluster %s: %w", strings.TrimSpace(r.cluster), found.Err)
	return found
}

func timedOut(err error) bool {
	var of net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &of) && of.Timeout()
}
