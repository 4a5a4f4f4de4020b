//go:build linux

package faults

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// room names to the process of the trials the folder of the programs, and
// says that it is in namespaces of its own.
const (
	room    = "SUMMIT_FAULTS_ROOM"
	private = "SUMMIT_FAULTS_PRIVATE"
)

// TestMain runs the trials in a process of their own that has the machine's
// names for networks, mounts and processes to itself: the disks and networks
// made there end with it, whatever ends it, and so does every process.
func TestMain(m *testing.M) {
	flag.Parse()
	switch {
	case testing.Short():
		os.Exit(m.Run())
	case os.Getenv(room) == "":
		code, err := outside()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}
	if err := inside(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// outside builds the programs, for which the network may be needed, and runs
// this program again inside. If there can be no namespaces it does so
// without.
func outside() (code int, err error) {
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if out, err := exec.Command("go", "build", "-o", dir+"/", "github.com/summit-timeline/summit/cmd/summit", "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build: %w\n%s", err, out)
	}
	runtime.LockOSThread() // the child ends with the thread that made it
	child := again(dir)
	child.Env = append(child.Env, private+"=1")
	child.SysProcAttr.Cloneflags = syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID
	if uid := os.Geteuid(); uid != 0 {
		child.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	if err := child.Start(); err != nil {
		child = again(dir)
		if err := child.Start(); err != nil {
			return 0, err
		}
	}
	err = child.Wait()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return max(failed.ExitCode(), 1), nil
	}
	return 0, err
}

func again(dir string) *exec.Cmd {
	c := exec.Command("/proc/self/exe", os.Args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), room+"="+dir)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

// inside makes the namespaces usable: what is mounted stays in them, /proc
// shows their processes, and the names of networks have a place.
func inside() error {
	if os.Getenv(private) == "" {
		return nil
	}
	for _, m := range []struct {
		what, kind, where string
		flags             uintptr
	}{
		{"none", "", "/", syscall.MS_REC | syscall.MS_PRIVATE}, {"proc", "proc", "/proc", 0}, {"tmpfs", "tmpfs", "/run", 0},
	} {
		if err := syscall.Mount(m.what, m.where, m.kind, m.flags, ""); err != nil {
			return fmt.Errorf("mount %s in a namespace of its own: %w", m.where, err)
		}
	}
	return loopback()
}

// loopback turns the loopback interface of a new network on.
func loopback() error {
	up, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	up.SetUint16(unix.IFF_UP)
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, up); err != nil {
		return fmt.Errorf("turn the loopback interface on: %w", err)
	}
	return unix.Close(socket)
}

// program is the path of one that was built.
func program(name string) string { return filepath.Join(os.Getenv(room), name) }
