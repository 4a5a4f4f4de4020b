package server

import (
	"bytes"
	"cmp"
	"log"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/limits"
)

// LimitOptions limit how much a client may ask for.
type LimitOptions struct {
	Rate                    string
	Connections, PerAddress int
}

// RateAuto limits all but this machine itself to RateDefault.
const (
	RateAuto    = "auto"
	rateOff     = "off"
	RateDefault = "100/s"
	// connectionsDefault is how many connections there may be in all.
	connectionsDefault = 20_000
	perAddrDefault     = 500
	// SpareFiles are kept for the log, the views and the NATS clients.
	SpareFiles = 512
)

func (f *LimitOptions) check() error {
	if f.Connections < 0 || f.PerAddress < 0 {
		return cli.Usage("--max-connections and --max-connections-per-address must be 0 or more")
	}
	if f.auto() || f.Rate == rateOff {
		return nil
	}
	if _, err := limits.ParseRate(f.Rate); err != nil {
		return cli.Usage("--rate: %v", err)
	}
	return nil
}

// rates bounds requests; nil does not.
func (f *LimitOptions) rates() (*limits.Rates, error) {
	text := f.Rate
	switch {
	case f.Rate == rateOff:
		return nil, nil
	case f.auto():
		text = RateDefault
	}
	each, err := limits.ParseRate(text)
	if err != nil {
		return nil, err
	}
	return limits.NewRates(each, f.auto())
}

func (f *LimitOptions) auto() bool { return f.Rate == RateAuto || f.Rate == "" }

// connections bounds connections, to what the system lets the process have.
func (f *LimitOptions) connections(proxies []netip.Prefix, logger *slog.Logger) *limits.Connections {
	most, room := cmp.Or(f.Connections, connectionsDefault), max(OpenFiles()-SpareFiles, 1)
	if OpenFiles() > 0 && most > room {
		most = room
		if f.Connections > 0 {
			logger.Warn("fewer connections than requested: the system limits the process's open files", "connections", most, "asked", f.Connections, "files", OpenFiles())
		}
	}
	return limits.NewConnections(most, cmp.Or(f.PerAddress, perAddrDefault), func(a netip.Addr) bool {
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
