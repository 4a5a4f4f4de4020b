package main

import (
	"bytes"
	"cmp"
	"flag"
	"log"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/limits"
)

// boundFlags say how much anybody may ask for.
type boundFlags struct {
	rate          string
	most, perAddr int
}

const (
	rateAuto    = "auto"
	rateOff     = "off"
	rateDefault = "100/s"
	// connectionsDefault is how many connections there may be in all.
	connectionsDefault = 20_000
	perAddrDefault     = 500
	// spareFiles are kept for the log, the views and the NATS clients.
	spareFiles = 512
)

func (f *boundFlags) flags(fs *flag.FlagSet) {
	fs.StringVar(&f.rate, "rate", rateAuto, "requests of each token, and of each address without one, such as 100/s or 600/m; those of 10 s may come at once; auto is "+rateDefault+" for all but this machine itself; off")
	fs.IntVar(&f.most, "max-connections", 0, "open connections in all; beyond that the one idle longest makes way; 0 is 20000, or what the system leaves room for")
	fs.IntVar(&f.perAddr, "max-connections-per-address", 0, "open connections of one address, but for this machine and the proxies; 0 is 500")
}

func (f *boundFlags) check() error {
	if f.most < 0 || f.perAddr < 0 {
		return usage("--max-connections and --max-connections-per-address are 0 or more")
	}
	if f.auto() || f.rate == rateOff {
		return nil
	}
	if _, err := limits.ParseRate(f.rate); err != nil {
		return usage("--rate: %v", err)
	}
	return nil
}

// rates bounds requests; nil does not.
func (f *boundFlags) rates() (*limits.Rates, error) {
	text := f.rate
	switch {
	case f.rate == rateOff:
		return nil, nil
	case f.auto():
		text = rateDefault
	}
	each, err := limits.ParseRate(text)
	if err != nil {
		return nil, err
	}
	return limits.NewRates(each, f.auto())
}

func (f *boundFlags) auto() bool { return f.rate == rateAuto || f.rate == "" }

// connections bounds connections, to what the system lets the process have.
func (f *boundFlags) connections(proxies []netip.Prefix, logger *slog.Logger) *limits.Connections {
	most, room := cmp.Or(f.most, connectionsDefault), max(openFiles()-spareFiles, 1)
	if openFiles() > 0 && most > room {
		most = room
		if f.most > 0 {
			logger.Warn("fewer connections than were asked for: the system allows the process no more open files", "connections", most, "asked", f.most, "files", openFiles())
		}
	}
	return limits.NewConnections(most, cmp.Or(f.perAddr, perAddrDefault), func(a netip.Addr) bool {
		return a.IsLoopback() || slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	})
}

// bounded is a server that lets nobody hold it up. What streams gives each
// write its own time.
func bounded(handler http.Handler, c *limits.Connections, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ConnState: c.State, ErrorLog: log.New(serverLog{logger}, "", 0),
	}
}

// serverLog is what net/http has to tell. What strangers can bring about as
// often as they like is told where somebody looks for it.
type serverLog struct{ logger *slog.Logger }

func (l serverLog) Write(line []byte) (int, error) {
	text := string(bytes.TrimSpace(line))
	if bytes.Contains(line, []byte("TLS handshake error")) {
		l.logger.Debug("HTTP server", "says", text)
	} else {
		l.logger.Warn("HTTP server", "says", text)
	}
	return len(line), nil
}
