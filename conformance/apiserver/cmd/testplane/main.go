// Command testplane is a Kubernetes API server for tests, in one program: etcd and kube-apiserver in one process
// (`testplane serve`). Command kubectl talks to it.
//
// There is no controller, no scheduler and no node: objects are stored, checked and given back, and nothing acts
// on them.
package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
)

const usage = `testplane serve DIR   serve a Kubernetes API from the empty folder DIR until standard input ends;
                      "ready" is printed when it answers, and DIR/kubeconfig leads to it`

func main() {
	if len(os.Args) != 3 || os.Args[1] != "serve" {
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err := serve(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "testplane:", err)
		os.Exit(1)
	}
}

// serve runs until standard input ends, which it does when the test that started it dies, however it dies.
func serve(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()

	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	if err := startEtcd(filepath.Join(dir, "etcd"), ports[0], ports[1]); err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	args, err := flags(dir, ports[0], ports[2])
	if err != nil {
		return err
	}
	command := apiserver.NewAPIServerCommand()
	command.SetArgs(args)
	ended := make(chan error, 1)
	go func() {
		err := command.ExecuteContext(ctx)
		if err == nil {
			err = errors.New("ended")
		}
		ended <- err
	}()
	if err := ready(ctx, ports[2], ended); err != nil {
		return fmt.Errorf("kube-apiserver: %w", err)
	}
	fmt.Println("ready")
	// Nothing here is worth an orderly end, which takes seconds: when ctx is done, the process simply ends.
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("kube-apiserver: %w", err)
	}
}

func startEtcd(dir string, client, peer int) error {
	config := embed.NewConfig()
	config.Dir = dir
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	clientURL := url.URL{Scheme: "http", Host: address(client)}
	peerURL := url.URL{Scheme: "http", Host: address(peer)}
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{clientURL}, []url.URL{clientURL}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{peerURL}, []url.URL{peerURL}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return nil
	case err := <-etcd.Err():
		return err
	case <-time.After(time.Minute):
		return errors.New("not ready after a minute")
	}
}

// flags writes what kube-apiserver needs into dir, and the kubeconfig of an administrator, and returns its flags.
func flags(dir string, etcd, port int) ([]string, error) {
	// The key type matters: of EC keys, kube-apiserver reads SEC1 alone.
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	account := filepath.Join(dir, "service-account.key")
	token := rand.Text()
	certs := filepath.Join(dir, "certs")
	type entry map[string]any
	// As JSON, which is YAML too, it can be read by who has no YAML reader.
	kubeconfig, err := json.Marshal(entry{
		"apiVersion": "v1", "kind": "Config", "current-context": "testplane",
		"contexts": []entry{{"name": "testplane", "context": entry{"cluster": "testplane", "user": "admin"}}},
		"clusters": []entry{{"name": "testplane", "cluster": entry{
			"server": "https://" + address(port), "certificate-authority": filepath.Join(certs, "apiserver.crt"),
		}}},
		"users": []entry{{"name": "admin", "user": entry{"token": token}}},
	})
	if err != nil {
		return nil, err
	}
	for name, data := range map[string][]byte{
		"service-account.key": pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
		"tokens.csv":          []byte(token + `,admin,admin,"system:masters"` + "\n"),
		"kubeconfig":          kubeconfig,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, err
		}
	}
	return []string{
		"--etcd-servers=http://" + address(etcd),
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=" + certs,
		"--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + account,
		"--service-account-signing-key-file=" + account,
		"--token-auth-file=" + filepath.Join(dir, "tokens.csv"),
		// AlwaysAllow would switch anonymous requests off, and with them the probe of /readyz.
		"--authorization-mode=RBAC",
		// As installers of clusters set it: the sidecar of Contrast is privileged, within its own virtual machine.
		"--allow-privileged=true",
		"--endpoint-reconciler-type=none",
		"--disable-admission-plugins=ServiceAccount",
		"--profiling=false",
		"-v=0",
	}, nil
}

func ready(ctx context.Context, port int, ended <-chan error) error {
	// The certificate is the server's own and new; nobody but it listens there.
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		select {
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		response, err := client.Get("https://" + address(port) + "/readyz")
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
	}
	return errors.New("not ready after two minutes")
}

// freePorts returns n ports that nobody listened on a moment ago; kube-apiserver takes no port 0.
func freePorts(n int) ([]int, error) {
	ports := make([]int, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = listener.Close() }()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
