package main

import (
	"context"
	"errors"
	"flag"
	"net"
)

// serveFlags are what serve is told.
type serveFlags struct {
	data, addr string
	key, name  string
	demo       bool
	reach      reachFlags
	login      loginFlags
	bounds     boundFlags
	broker     brokerFlags
	nats       natsFlags
	scrub      scrubFlags
	snapshot   snapshotFlags
	watch      watchFlags
}

var serveVerb = verb{
	name: "serve", short: "the server: log, views, HTTP and NATS in one process",
	example: "  summit serve --demo\n  summit serve --data /var/lib/summit --addr 127.0.0.1:9000 --nats-listen off",
	setup: func(fs *flag.FlagSet) func(context.Context, streams, []string) error {
		var f serveFlags
		fs.StringVar(&f.data, "data", "summit-data", "folder of the log (nats) and the views")
		fs.StringVar(&f.addr, "addr", "127.0.0.1:8080", "host:port for HTTP")
		f.reach.flags(fs)
		f.login.flags(fs)
		f.bounds.flags(fs)
		f.broker.flags(fs)
		f.nats.flags(fs)
		fs.StringVar(&f.key, "key", "", "file of the secret key that signs; DIR/key where not given, made at the first start")
		fs.StringVar(&f.name, "name", "", "server name in the origin of checkpoints, for a key that is made; the host's where not given")
		fs.BoolVar(&f.demo, "demo", false, "open alaska-2025 with the shipped facts; again and again is once")
		f.scrub.flags(fs)
		f.snapshot.flags(fs)
		f.watch.flags(fs)
		return func(ctx context.Context, std streams, _ []string) error { return serve(ctx, std, f) }
	},
}

func (f *serveFlags) check() error {
	return errors.Join(f.reach.check(f.addr), f.login.check(), f.bounds.check(), f.broker.check(), f.nats.check(), f.snapshot.check(), f.watch.check())
}

func isLoopback(addr string) (bool, error) {
	name, _, err := net.SplitHostPort(addr)
	return loopbackHost(name), err
}

func loopbackHost(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || (ip != nil && ip.IsLoopback())
}

func serve(ctx context.Context, std streams, f serveFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	logger, err := f.watch.logger(std.err)
	if err != nil {
		return err
	}
	s := &serving{f: f, std: std, logger: logger, reloads: &reloads{logger: logger}, done: make(chan struct{}), told: make(chan struct{})}
	defer s.reloads.listen()()
	return s.watched(ctx)
}
