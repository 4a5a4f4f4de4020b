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

	"github.com/google/uuid"
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

// clock is that of a server, which can be set.
type clock struct {
	*trial
	s    *server
	bin  string // what the server was
	file *os.File
}

// shiftable starts a server again with a clock that can be set.
func (t *trial) shiftable(s *server) *clock {
	file, err := os.Create(filepath.Join(t.TempDir(), "clock"))
	t.must(err)
	c := &clock{trial: t, s: s, bin: s.bin, file: file}
	c.write(0)
	s.stop()
	s.bin, s.env = t.buildShifted(), []string{clockFile + "=" + file.Name()}
	s.mustStart()
	return c
}

// end lets the server go on as it was built.
func (c *clock) end() {
	c.s.stop()
	c.s.bin, c.s.env = c.bin, nil
	c.s.mustStart()
	c.must(c.file.Close())
}

// write writes in place: the program has the file mapped.
func (c *clock) write(by time.Duration) {
	_, err := c.file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(int64(by/time.Second))), 0)
	c.must(err)
}

// set sets the clock, and holds that it is off by so much.
func (c *clock) set(by time.Duration) {
	c.write(by)
	res, err := http.Get(c.s.url("/healthz"))
	c.must(err)
	c.must(res.Body.Close())
	now, err := http.ParseTime(res.Header.Get("Date"))
	c.must(err)
	if off := time.Until(now); (off - by).Abs() > 2*time.Second {
		c.Fatalf("the clock of %s is off by %v, not %v: it was not shifted", c.s.name, off, by)
	}
}

// jumps lets the clock of a lone server jump an hour back, further forward than
// it was, and back to where it belongs, with a kill in between.
func (t *trial) jumps() {
	c := t.shiftable(t.s)
	defer c.end()
	for _, by := range []time.Duration{-time.Hour, time.Hour, -time.Hour, 0} {
		c.set(by)
		t.goesOn()
		if t.r.IntN(2) == 0 {
			t.s.kill()
			t.s.mustStart()
			t.goesOn()
		}
	}
}

// apart lets the clocks of two replicas be apart, step back and come right
// again. One that is off says so and takes nothing, also once it has been
// killed; one that is right continues.
func (t *trial) apart() {
	clocks := []*clock{t.shiftable(t.servers[0]), t.shiftable(t.servers[1])}
	for _, c := range clocks {
		defer c.end()
	}
	for _, by := range [][]time.Duration{
		{30 * time.Minute, -30 * time.Minute}, {0, time.Hour}, {-time.Hour, 0}, {0, -3 * time.Second}, {3 * time.Second, 3 * time.Second}, {0, 0},
	} {
		var right, wrong []*server
		for i, c := range clocks {
			if c.set(by[i]); by[i] == 0 {
				right = append(right, c.s)
			} else {
				wrong = append(wrong, c.s)
			}
		}
		if t.r.IntN(2) == 0 {
			s := t.servers[t.r.IntN(len(t.servers))]
			s.kill()
			s.mustStart()
		}
		for _, s := range wrong {
			t.refuses(s)
		}
		t.goOn(right...)
	}
}

// refuses waits until a server says that its clock is off, and holds that it
// takes nothing.
func (t *trial) refuses(s *server) {
	if !s.await("it says that its clock is off", func() (bool, error) {
		_, _, err := s.ask(t.ctx, "/readyz")
		return err != nil && strings.Contains(err.Error(), "clock"), err
	}) {
		t.Fatalf("%s ended:\n%s", s.name, s.said)
	}
	id := uuid.NewString()
	w := t.writer(0, "off")
	if _, again, err := w.post(t.ctx, s, w.fact(id, "off-"+id, "stamped by a clock that is off")); err == nil || !again {
		t.Fatalf("%s takes a fact with a clock that is off, or for good refuses to: %v", s.name, err)
	}
}
