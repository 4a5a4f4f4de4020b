//go:build unix

package browser

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/summit-timeline/summit/events/eventstest"
)

// follower is somebody who follows the demo, in a way of their own.
type follower struct {
	name string
	// from is how many events were there before they came.
	from int
	// shown are the events they were shown, in order.
	shown func() []string
	// cuts is how often they were cut off.
	cuts func() int
	// end waits until they stop by themselves, or stops them.
	end func()
}

// command is a program that follows.
type command struct {
	*exec.Cmd
	out, errs written
}

// written is what a program has written so far.
type written struct{ eventstest.Buffer }

// lines are the whole lines of it.
func (w *written) lines() []string {
	lines := strings.Split(w.String(), "\n")
	return lines[:len(lines)-1]
}

func (w *written) count(what string) int { return strings.Count(strings.Join(w.lines(), "\n"), what) }

func (p *program) follow(name string, args ...string) *command {
	p.Helper()
	dir := p.TempDir()
	c := &command{Cmd: exec.Command(name, args...)}
	c.Dir, c.Env = dir, append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Stdout, c.Stderr = &c.out, &c.errs
	if err := c.Start(); err != nil {
		p.Fatal(err)
	}
	p.Cleanup(c.kill)
	return c
}

// kill ends a program with those that it started.
func (c *command) kill() {
	_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // it may have ended
	_ = c.Wait()
}

// ends waits until a program ends by itself, in order.
func (p *program) ends(c *command) {
	p.Helper()
	late := time.AfterFunc(patience, func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) })
	defer late.Stop()
	if err := c.Wait(); err != nil {
		p.Errorf("%s: %v\n%s", c.Path, err, strings.Join(c.errs.lines(), "\n"))
	}
}

// shell follows with curl, which does not come back by itself: the position of
// the last whole frame is kept in a file, and asked for the next time. A story
// that is closed answers 204.
const shell = `touch at
while :; do
  curl -sN -w '%{http_code}' -H "Last-Event-ID: $(cat at)" "$1?since=@0" | {
    while IFS= read -r line; do
      case $line in
        'id: '*) id=${line#id: } ;;
        'data: '*) data=${line#data: } ;;
        '') if [ "$id" ]; then echo "$id" >at; [ -z "$data" ] || printf '%s %s\n' "$id" "$data"; fi; id= data= ;;
      esac
    done
    [ "$line" != 204 ]
  } || break
  echo 'cut off' >&2
  sleep 1
done
`

func inCurl(p *program) *follower {
	p.Helper()
	c := p.follow("sh", "-c", shell, "sh", p.url("/live"))
	return &follower{
		name: "curl", end: func() { p.ends(c) }, cuts: func() int { return c.errs.count("cut off") },
		shown: func() []string {
			var all []string
			for _, l := range c.out.lines() {
				id, data, _ := strings.Cut(l, " ")
				all = append(all, asFrame(id, []byte(data)))
			}
			return all
		},
	}
}

func inVerb(p *program) *follower {
	p.Helper()
	c := p.follow(p.binary, "follow", summit, "--server", "http://"+p.addr, "--since", "@0", "--json")
	return &follower{
		name: "summit follow", end: func() { p.ends(c) }, cuts: func() int { return c.errs.count("reconnecting") },
		shown: func() []string {
			var all []string
			for _, l := range c.out.lines() {
				var f struct {
					ID   string
					Data json.RawMessage
				}
				if err := json.Unmarshal([]byte(l), &f); err != nil {
					all = append(all, l)
					continue
				}
				all = append(all, asFrame(f.ID, f.Data))
			}
			return all
		},
	}
}

// once leaves out what comes again: the broker does not sync how far a consumer
// of the stock client has come, so that a kill takes it back some events.
const once = `touch seen
"$1" --server "$2" sub --all --raw "$3" | while IFS= read -r event; do
  grep -qxFe "$event" seen || printf '%s\n' "$event" | tee -a seen
done
`

// inStockNATS is the client that everybody has, at the version that is pinned
// with the other tools.
func inStockNATS(p *program) *follower {
	p.Helper()
	stock, err := stockNATS()
	if err != nil {
		p.Fatal(err)
	}
	c := p.follow("sh", "-c", once, "sh", stock, "nats://"+p.nats, "facts."+summit+".>")
	return &follower{
		name: "the stock nats client", end: c.kill, cuts: func() int { return c.errs.count("Disconnected") },
		shown: func() []string {
			var all []string
			for _, l := range c.out.lines() {
				all = append(all, asEvent(uint64(len(all)+1), []byte(l)))
			}
			return all
		},
	}
}

// inNATS is an ordered consumer of the stream, from its start.
func inNATS(p *program) *follower {
	p.Helper()
	var cuts atomic.Int64
	nc, err := nats.Connect("nats://"+p.nats, nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { cuts.Add(1) }))
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		p.Fatal(err)
	}
	c, err := js.OrderedConsumer(p.Context(), "SUMMIT_"+summit, jetstream.OrderedConsumerConfig{MaxResetAttempts: -1})
	if err != nil {
		p.Fatal(err)
	}
	var shown written
	consuming, err := c.Consume(func(m jetstream.Msg) {
		meta, err := m.Metadata()
		if err != nil {
			p.Error(err)
			return
		}
		_, _ = shown.Write([]byte(asEvent(meta.Sequence.Stream, m.Data()) + "\n")) // it is memory
	}, jetstream.PullHeartbeat(time.Second), jetstream.PullExpiry(5*time.Second))
	if err != nil {
		p.Fatal(err)
	}
	return &follower{name: "a NATS consumer", shown: shown.lines, cuts: func() int { return int(cuts.Load()) }, end: consuming.Stop}
}

// listening notes what the page's own stream is told, before the page hears it.
const listening = `globalThis.told = []; globalThis.cuts = 0;
globalThis.EventSource = class extends EventSource {
  constructor(url) { super(url); super.addEventListener("error", () => { if (this.up) cuts++; this.up = false; }); super.addEventListener("open", () => { this.up = true; }); }
  addEventListener(name, hear) {
    super.addEventListener(name, (e) => { if (["fact", "summit", "quarantined"].includes(name)) told.push(e.lastEventId + " " + e.data); hear(e); });
  }
};`

var clickNews = chromedp.Click("#news a")

func inTab(b *tab, p *program) *follower {
	b.Helper()
	send(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: listening})
	b.visit("http://" + p.addr + "/summits/" + summit)
	b.says("live", "Live")
	return &follower{
		name: "the tab", from: shipped, end: func() {}, cuts: func() int { return js[int](b, "cuts") },
		shown: func() []string {
			var all []string
			for _, l := range js[[]string](b, "told") {
				id, data, _ := strings.Cut(l, " ")
				all = append(all, asFrame(id, []byte(data)))
			}
			return all
		},
	}
}
