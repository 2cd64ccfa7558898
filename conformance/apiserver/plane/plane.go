// Package plane gives tests a Kubernetes API server each of their own, and ways to talk to it: kubectl by the name oc,
// as people do, and REST, to see what it has stored.
//
// It needs the standard library alone, so that tests compile in a second: the servers (cmd/testplane) and
// kubectl are programs, which [Build] builds. Nothing here knows a mesh or a bundle.
package plane

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// module is where cmd/testplane is.
const module = "github.com/meshscenario/scenario/conformance/apiserver"

// Build builds testplane, and kubectl beside it, and returns where it is. One build runs at a time, however many tests ask; when nothing has
// changed it takes less than a second.
func Build() (string, error) {
	kubernetes := "k8s.io/kubernetes"
	out, err := run(exec.Command("go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", kubernetes, module))
	if err != nil {
		return "", err
	}
	lines := strings.Split(out, "\n")
	version, _, _ := strings.Cut(lines[0], " ")
	_, dir, ok := strings.Cut(lines[1], " ")
	numbers := strings.Split(strings.TrimPrefix(version, "v"), ".")
	if !ok || len(numbers) < 3 {
		return "", fmt.Errorf("go list: %q is not the version of %s and the folder of %s", out, kubernetes, module)
	}
	// The version is linked in by whoever releases Kubernetes; without it `kubectl version` fails.
	const set = " -X k8s.io/component-base/version."
	flags := "-s -w" + set + "gitVersion=" + version + set + "gitMajor=" + numbers[0] + set + "gitMinor=" + numbers[1] +
		set + "gitCommit=testplane" + set + "gitTreeState=clean"

	bin := filepath.Join(dir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(filepath.Join(bin, "lock"))
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	build := exec.Command("go", "build", "-C", dir, "-ldflags", flags, "-o", bin+string(filepath.Separator), "./cmd/testplane", "./cmd/kubectl")
	// Another setting would be another cache entry for each of 2000 packages.
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	_, err = run(build)
	return filepath.Join(bin, "testplane"), err
}

// A Plane is a running API server with nothing in it but what Kubernetes itself puts there.
type Plane struct {
	Dir       string        // where Kubectl runs: the place for the files that it is given
	StartedIn time.Duration // from the start to the first answer

	home      string
	server    string
	token     string
	client    *http.Client
	resources map[string]map[string]resource // by apiVersion and kind
	process   *exec.Cmd
	input     io.Closer
	peak      int
}

// Start starts the API server of binary, which [Build] built.
func Start(binary string) (*Plane, error) {
	// Its ports are free when it chooses them and may be taken a moment later.
	var errs []error
	for range 3 {
		p, err := start(binary)
		if err == nil {
			return p, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

func start(binary string) (_ *Plane, err error) {
	home, err := os.MkdirTemp("", "testplane-")
	if err != nil {
		return nil, err
	}
	p := &Plane{home: home, Dir: filepath.Join(home, "work"), resources: map[string]map[string]resource{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Stop())
		}
	}()
	data := filepath.Join(home, "data")
	for _, dir := range []string{p.Dir, data} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"oc", "kubectl"} {
		if err := os.Symlink(filepath.Join(filepath.Dir(binary), "kubectl"), filepath.Join(home, name)); err != nil {
			return nil, err
		}
	}
	log, err := os.Create(filepath.Join(home, "log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()

	begun := time.Now()
	process := exec.Command(binary, "serve", data)
	// Most of what it allocates when it starts and takes CRDs is garbage: to collect it a third as often spares a third of its
	// time, for half a gigabyte.
	process.Env = append(os.Environ(), "GOGC=400")
	process.Stderr = log
	input, err := process.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	p.process, p.input = process, input
	// The program gives up by itself when it is not ready in time.
	if answer, _ := bufio.NewReader(output).ReadString('\n'); answer != "ready\n" {
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%s serve: not ready; it said last: %s", binary, tail(string(said), 5))
	}
	p.StartedIn = time.Since(begun)
	return p, p.connect(p.Kubeconfig())
}

// connect reads the kubeconfig, which testplane writes as JSON.
func (p *Plane) connect(kubeconfig string) error {
	data, err := os.ReadFile(kubeconfig)
	if err != nil {
		return err
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     string `json:"certificate-authority"`
			}
		}
		Users []struct {
			User struct{ Token string }
		}
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return fmt.Errorf("%s: %w", kubeconfig, err)
	}
	ca, err := os.ReadFile(config.Clusters[0].Cluster.CA)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return fmt.Errorf("%s: no certificate", config.Clusters[0].Cluster.CA)
	}
	p.server, p.token = config.Clusters[0].Cluster.Server, config.Users[0].User.Token
	p.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	return nil
}

// Stop ends the API server and removes what it has written.
func (p *Plane) Stop() error {
	if p.process != nil {
		_ = p.input.Close()
		late := time.AfterFunc(10*time.Second, func() { _ = p.process.Process.Kill() })
		_ = p.process.Wait() // whatever its status: it is not needed any more
		late.Stop()
		if usage, ok := p.process.ProcessState.SysUsage().(*syscall.Rusage); ok {
			p.peak = int(usage.Maxrss / 1024)
		}
	}
	return os.RemoveAll(p.home)
}

// PeakMB is the most memory that the API server has had resident, in megabytes, as Linux counts it, once it is stopped.
func (p *Plane) PeakMB() int { return p.peak }

// Kubeconfig is the file that leads the administrator to the API server.
func (p *Plane) Kubeconfig() string { return filepath.Join(p.home, "data", "kubeconfig") }

// Kubectl runs kubectl by the name oc as the administrator, in the folder Dir. The error has what it said to stderr;
// stderr is given as well, because kubectl prints a server's warnings there and succeeds.
func (p *Plane) Kubectl(args ...string) (stdout, stderr string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(p.home, "oc"), args...)
	command.Dir = p.Dir
	// Its own HOME, because kubectl's cache of what a server serves is by address, and addresses come again; and no
	// setting of the user's. It lives for a moment, so collecting garbage is mostly in vain (a quarter of its time).
	command.Env = p.Environment()
	var out, errOut bytes.Buffer
	command.Stdout, command.Stderr = &out, &errOut
	if err := command.Run(); err != nil {
		return out.String(), errOut.String(), fmt.Errorf("oc %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(errOut.String()))
	}
	return out.String(), errOut.String(), nil
}

// Environment is what a program needs to be led to the API server as the administrator: by oc or kubectl, which are the
// first of these names in PATH, or by its kubeconfig.
func (p *Plane) Environment() []string {
	return []string{"HOME=" + p.home, "KUBECONFIG=" + p.Kubeconfig(), "GOGC=400", "PATH=" + p.home + ":/usr/bin:/bin"}
}

// run gives what a command prints, and an error that has what it said to stderr.
func run(command *exec.Cmd) (string, error) {
	var errOut bytes.Buffer
	command.Stderr = &errOut
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(command.Args, " "), err, tail(errOut.String(), 20))
	}
	return strings.TrimSpace(string(out)), nil
}

func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
