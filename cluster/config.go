package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	_ "k8s.io/client-go/plugin/pkg/client/auth/oidc" // the one way to log in that kubectl links in
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Options say which cluster to read, and what of it.
type Options struct {
	// Kubeconfig is a file; without it, the cluster is found as kubectl does it: by KUBECONFIG, in the home folder, and
	// in a pod by its ServiceAccount.
	Kubeconfig string
	// Context is one of the kubeconfig's; without it, the current one.
	Context string
	// Namespaces are those to read; without any, all are read at once.
	Namespaces []string
	// Root are namespaces to read besides, where they exist: those of the control plane. Those that the objects read name
	// as a control plane's are added.
	Root []string
	// Timeout is how long one answer may take; without it, half a minute.
	Timeout time.Duration
}

// An Error is a reason why a cluster cannot be read.
type Error struct {
	Err error
	// Hint is advice, or "".
	Hint string
	// Misuse says that what was asked for is not there, such as a context.
	Misuse bool
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// inPod is the name of the cluster that a pod runs in, which has no context.
const inPod = "in-cluster"

// connection finds the cluster and the way to log in, without asking it anything.
func (o Options) connection() (name string, config *rest.Config, err error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.Kubeconfig
	rules.WarnIfAllMissing = false
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.Context})
	raw, err := loader.RawConfig()
	if err != nil {
		hint := ""
		if errors.Is(err, fs.ErrNotExist) {
			hint = "oc login writes one; --kubeconfig names another"
		}
		return "", nil, &Error{Err: fmt.Errorf("kubeconfig: %w", err), Hint: hint, Misuse: errors.Is(err, fs.ErrNotExist)}
	}
	contexts := slices.Sorted(maps.Keys(raw.Contexts))
	if _, known := raw.Contexts[o.Context]; o.Context != "" && !known {
		hint := "the kubeconfig has no context at all; oc login adds one"
		if len(contexts) > 0 {
			hint = "the contexts are " + strings.Join(contexts, ", ")
		}
		return "", nil, &Error{Err: fmt.Errorf("unknown context %q", o.Context), Hint: hint, Misuse: true}
	}
	config, err = loader.ClientConfig()
	switch {
	case clientcmd.IsEmptyConfig(err) && len(contexts) > 0:
		return "", nil, &Error{Err: errors.New("the kubeconfig has no current context"),
			Hint: "choose one with --context: " + strings.Join(contexts, ", "), Misuse: true}
	case clientcmd.IsEmptyConfig(err):
		where := cmp.Or(o.Kubeconfig, os.Getenv(clientcmd.RecommendedConfigPathEnvVar), clientcmd.RecommendedHomeFile)
		return "", nil, &Error{Err: fmt.Errorf("no kubeconfig: %s is not there, or names no cluster", where),
			Hint: "oc login writes one; --kubeconfig names another"}
	case err != nil:
		return "", nil, &Error{Err: fmt.Errorf("kubeconfig: %w", err)}
	}
	name = cmp.Or(o.Context, raw.CurrentContext, inPod)
	config.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	// A reading is 50 to 200 requests, a few at a time; the server's own fairness does the rest.
	config.QPS, config.Burst = 50, 100
	config.UserAgent = "scenario"
	config.WarningHandler = rest.NoWarnings{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return readOnly{next} })
	return name, config, nil
}

// readOnly is the promise of the package.
type readOnly struct{ next http.RoundTripper }

func (r readOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet {
		return nil, fmt.Errorf("%s %s: the cluster is only read", request.Method, request.URL.Path)
	}
	return r.next.RoundTrip(request)
}

var _ utilnet.RoundTripperWrapper = readOnly{}

// WrappedRoundTripper lets client-go find what it cancels requests by.
func (r readOnly) WrappedRoundTripper() http.RoundTripper { return r.next }

// client is of no API group: what is asked is a path. Of types it knows only the one in which a server refuses.
func client(config *rest.Config) (*rest.RESTClient, error) {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	config.ContentType = runtime.ContentTypeJSON
	return rest.UnversionedRESTClientFor(config)
}
