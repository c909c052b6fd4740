package fauxka

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	stopPatience = 5 * time.Second
	// The program's status when fault rules have not acted as often as expected: Verify tells that.
	brokenExpectations = 3
)

// Cluster is a cluster that runs as a process of its own. It ends with Stop, and with this process at the latest.
type Cluster struct {
	*Client
	brokers  []string
	ready    map[string]string
	seed     uint64
	command  *exec.Cmd
	held     io.Closer
	log      *tail
	ended    chan struct{}
	binary   string
	stopping atomic.Bool
	token    string
}

// StartError is the error of a cluster that did not start.
type StartError struct {
	// Binary is the program, and Args are its arguments.
	Binary string
	Args   []string
	// Reason says what happened.
	Reason string
	// Log is the end of the program's log.
	Log string
	// Err is the cause, if there is one.
	Err error
}

func (failure *StartError) Error() string {
	text := fmt.Sprintf("fauxka did not start: %s\n  command: %s %s", failure.Reason, failure.Binary, strings.Join(failure.Args, " "))
	if log := strings.TrimSpace(failure.Log); log != "" {
		text += "\n  its log ends with:\n    " + strings.ReplaceAll(log, "\n", "\n    ")
	}
	return text
}

func (failure *StartError) Unwrap() error { return failure.Err }

// Start starts a cluster on free ports of 127.0.0.1, and returns when every node accepts connections and all that the options
// ask for exists. The context is for the start alone.
func Start(ctx context.Context, options ...Option) (*Cluster, error) {
	chosen := settingsOf(options)
	binary, err := find(ctx, chosen.binary)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, chosen.patience, fmt.Errorf("no READY line within %s", chosen.patience))
	defer cancel()
	cluster := &Cluster{binary: binary, log: new(tail), ended: make(chan struct{}), token: chosen.token()}
	if err := cluster.start(ctx, chosen.commandLine()); err != nil {
		return nil, err
	}
	return cluster, nil
}

func (cluster *Cluster) start(ctx context.Context, arguments []string) error {
	ready := &firstLine{found: make(chan string, 1)}
	command := exec.Command(cluster.binary, arguments...)
	command.Stdout, command.Stderr = ready, cluster.log
	// What it has started itself could keep its output open.
	command.WaitDelay = time.Second
	// Where a process cannot tell that its parent ended, it reads its standard input to the end.
	held, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return &StartError{cluster.binary, arguments, err.Error() + hint(err), "", err}
	}
	cluster.command, cluster.held = command, held
	go func() {
		// What there is to say is in the process's state.
		_ = command.Wait()
		close(cluster.ended)
	}()
	reason := cluster.await(ctx, ready.found)
	if reason == "" {
		return nil
	}
	cluster.end()
	return &StartError{cluster.binary, arguments, reason, cluster.log.String(), ctx.Err()}
}

func hint(err error) string {
	if os.IsPermission(err) {
		return ": make it executable (chmod +x), and keep it on a file system that is not mounted noexec"
	}
	if strings.Contains(err.Error(), "exec format error") {
		return fmt.Sprintf(": it is no program for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	return ""
}

// await is why the cluster is not ready, or "" if it is.
func (cluster *Cluster) await(ctx context.Context, found <-chan string) string {
	select {
	case line := <-found:
		return cluster.read(line)
	case <-cluster.ended:
		select {
		case line := <-found:
			return fmt.Sprintf("it ended (%s) after it said %q", cluster.status(), line)
		default:
			return fmt.Sprintf("it ended (%s) before it was ready", cluster.status())
		}
	case <-ctx.Done():
		return context.Cause(ctx).Error()
	}
}

// read takes the addresses from the line READY bootstrap=HOST:PORT,… control=URL seed=N.
func (cluster *Cluster) read(line string) string {
	said := map[string]string{}
	for _, word := range strings.Fields(line) {
		if name, value, is := strings.Cut(word, "="); is {
			said[name] = value
		}
	}
	seed, err := strconv.ParseUint(said["seed"], 10, 64)
	if !strings.HasPrefix(line, "READY ") || said["bootstrap"] == "" || said["control"] == "" || err != nil {
		return fmt.Sprintf("it said %q instead of READY bootstrap=… control=… seed=…", line)
	}
	cluster.brokers, cluster.seed, cluster.ready = strings.Split(said["bootstrap"], ","), seed, said
	cluster.Client = NewClient(said["control"], cluster.token)
	return ""
}

func (cluster *Cluster) status() string { return cluster.command.ProcessState.String() }

// Brokers is the address of each node, HOST:PORT: the seed brokers of franz-go, the addresses of sarama and kafka-go.
func (cluster *Cluster) Brokers() []string { return append([]string(nil), cluster.brokers...) }

// Bootstrap is the same in one text, HOST:PORT,HOST:PORT: the bootstrap.servers of confluent-kafka-go.
func (cluster *Cluster) Bootstrap() string { return strings.Join(cluster.brokers, ",") }

// Listener is the address of each node by one of several listeners, such as those of WithArgs("--listener", …).
func (cluster *Cluster) Listener(name string) []string {
	return strings.Split(cluster.ready["bootstrap."+name], ",")
}

// CertificateAuthority is the file of the authority that has signed the nodes' certificates, with WithArgs("--tls").
func (cluster *Cluster) CertificateAuthority() string { return cluster.ready["ca"] }

// Seed decides every random choice of the cluster. WithSeed makes them the same again.
func (cluster *Cluster) Seed() uint64 { return cluster.seed }

// Log is the end of the program's log, at most 64 KiB.
func (cluster *Cluster) Log() string { return cluster.log.String() }

// PID is the process.
func (cluster *Cluster) PID() int { return cluster.command.Process.Pid }

// Ended is closed once the process has ended, for whatever reason.
func (cluster *Cluster) Ended() <-chan struct{} { return cluster.ended }

// Stop ends the cluster. It asks for that, waits 5 seconds, or until the context is done, and then kills the process. The
// error says that the cluster had ended before, or did not end well. A second Stop does nothing.
func (cluster *Cluster) Stop(ctx context.Context) error {
	if cluster.stopping.Swap(true) {
		<-cluster.ended
		return nil
	}
	defer cluster.Close()
	if cluster.HasEnded() {
		_ = cluster.held.Close()
		return fmt.Errorf("the cluster ended by itself (%s); %s", cluster.status(), cluster.lastWords())
	}
	ctx, cancel := context.WithTimeout(ctx, stopPatience)
	defer cancel()
	if runtime.GOOS == "windows" || cluster.command.Process.Signal(syscall.SIGTERM) != nil {
		return cluster.end()
	}
	select {
	case <-cluster.ended:
		_ = cluster.held.Close()
	case <-ctx.Done():
		_ = cluster.end()
		return fmt.Errorf("the cluster did not end within %s of SIGTERM, and was killed; %s", stopPatience, cluster.lastWords())
	}
	if code := cluster.command.ProcessState.ExitCode(); code != 0 && code != brokenExpectations {
		return fmt.Errorf("the cluster ended badly (%s); %s", cluster.status(), cluster.lastWords())
	}
	return nil
}

func (cluster *Cluster) lastWords() string {
	if log := strings.TrimSpace(cluster.Log()); log != "" {
		return "its log ends with:\n" + log
	}
	return "its log is empty"
}

// HasEnded says whether the process has ended.
func (cluster *Cluster) HasEnded() bool {
	select {
	case <-cluster.ended:
		return true
	default:
		return false
	}
}

// end kills the process.
func (cluster *Cluster) end() error {
	err := cluster.command.Process.Kill()
	<-cluster.ended
	_ = cluster.held.Close()
	if err == os.ErrProcessDone {
		return nil
	}
	return err
}
