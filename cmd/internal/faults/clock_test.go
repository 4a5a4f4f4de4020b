//go:build linux

package faults

import (
	"encoding/binary"
	"encoding/json"
	"go/build"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	// clockFile names, to a program with a shifted clock, the file that says by
	// how many seconds.
	clockFile = "SUMMIT_FAULTS_CLOCK"
	// reading is where the standard library reads the clock of the wall. The
	// monotonic one does not jump on a real machine either.
	reading = "sec, nsec, mono := runtimeNow()"
	shifted = reading + "\n\tsec += shift()"
)

// shift is what the time package of such a program has besides.
const shift = `package time

import (
	"syscall"
	"unsafe"
)

var by = func() *int64 {
	path, ok := syscall.Getenv("` + clockFile + `")
	if !ok {
		return nil
	}
	fd, err := syscall.Open(path, syscall.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	b, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return (*int64)(unsafe.Pointer(&b[0]))
}()

func shift() int64 {
	if by == nil {
		return 0
	}
	return *by
}
`

// buildShifted builds the program from the same sources with a standard
// library whose clock can be set: the clock of the machine is everybody's.
func (t *trial) buildShifted() (bin string) {
	bin = program("summit-shifted")
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	dir, std := t.TempDir(), filepath.Join(build.Default.GOROOT, "src", "time")
	if out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "time").Output(); err == nil {
		std = strings.TrimSpace(string(out))
	}
	source, err := os.ReadFile(filepath.Join(std, "time.go"))
	t.must(err)
	if strings.Count(string(source), reading) != 1 {
		t.Fatalf("this version of Go does not read the clock with %q in %s: say how it does", reading, std)
	}
	overlay := map[string]map[string]string{"Replace": {}}
	for name, text := range map[string]string{"time.go": strings.Replace(string(source), reading, shifted, 1), "shift.go": shift} {
		overlay["Replace"][filepath.Join(std, name)] = filepath.Join(dir, name)
		t.must(os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	b, err := json.Marshal(overlay)
	t.must(err)
	t.must(os.WriteFile(filepath.Join(dir, "overlay.json"), b, 0o600))
	if out, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", bin, "github.com/summit-timeline/summit/cmd/summit").CombinedOutput(); err != nil {
		t.Fatalf("build with a shifted clock: %v\n%s", err, out)
	}
	return bin
}

// jumps lets the clock of the server jump an hour back, further forward than
// it was, and back to where it belongs, with a kill in between. Then the server
// goes on as it was built.
func (t *trial) jumps() {
	file, bin := filepath.Join(t.TempDir(), "clock"), t.s.bin
	clock, err := os.Create(file)
	t.must(err)
	defer clock.Close()
	set := func(by time.Duration) { // in place: the program has it mapped
		_, err := clock.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(int64(by/time.Second))), 0)
		t.must(err)
	}
	set(0)
	t.s.stop()
	t.s.bin, t.s.env = t.buildShifted(), []string{clockFile + "=" + file}
	t.s.mustStart()
	for _, by := range []time.Duration{-time.Hour, time.Hour, 0} {
		set(by)
		t.jumped(by)
		t.goesOn()
		if t.r.IntN(2) == 0 {
			t.s.kill()
			t.s.mustStart()
			t.goesOn()
		}
	}
	t.s.stop()
	t.s.bin, t.s.env = bin, nil
	t.s.mustStart()
}

// jumped holds that the server's clock is off by what it should be.
func (t *trial) jumped(by time.Duration) {
	res, err := http.Get(t.s.url("/healthz"))
	t.must(err)
	t.must(res.Body.Close())
	now, err := http.ParseTime(res.Header.Get("Date"))
	t.must(err)
	if off := time.Until(now).Round(time.Hour); off != by {
		t.Fatalf("the clock of %s is off by %v, not %v: it was not shifted", t.s.name, off, by)
	}
}
