package operate

import (
	"context"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/broker"
	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/server"
)

// Serve runs the server.
func Serve(version, revision string) cli.Verb {
	return cli.Verb{
		Name: "serve", Short: "run the server: log, views, HTTP and NATS in one process",
		Example: "summit serve --demo\nsummit serve --data /var/lib/summit --addr 127.0.0.1:9000 --nats-listen off",
		Setup: func(f *cli.Flags) cli.Run {
			o := server.Options{Version: version, Revision: revision}
			serveFlags(f, &o)
			return func(ctx context.Context, std cli.Streams, _ []string) error {
				s, err := server.New(o, std.Out, std.Err)
				if err != nil {
					return err
				}
				return s.Run(ctx)
			}
		},
	}
}

func serveFlags(f *cli.Flags, o *server.Options) {
	f.StringVar(&o.Data, "data", "summit-data", "`DIR` of the log, the views and the keys")
	f.StringVar(&o.Addr, "addr", "127.0.0.1:8080", "`HOST:PORT` to serve HTTP on")
	f.BoolVar(&o.Demo, "demo", false, "open the summit alaska-2025 with the shipped facts (safe to repeat)")
	f.Section("Access")
	accessFlags(f, o)
	f.Section("Limits")
	f.StringVar(&o.Limits.Rate, "rate", server.RateAuto, "requests allowed for each token, and for each address without one: a `RATE` such as 100/s or 600/m, which allows bursts of 10 s; off; auto is "+server.RateDefault+" for everybody but this machine")
	f.IntVar(&o.Limits.Connections, "max-connections", 0, "greatest `NUMBER` of open connections; beyond it the longest idle one is closed (default 20000, or what the system allows)")
	f.IntVar(&o.Limits.PerAddress, "max-connections-per-address", 0, "greatest `NUMBER` of open connections from one address, except this machine and the proxies (default 500)")
	f.Section("Log")
	f.StringVar(&o.Cluster.URL, "nats", "", "`URL` of the JetStream cluster that holds the logs, several separated by commas (default: a NATS server in this process)")
	ClusterFlags(f, &o.Cluster)
	f.IntVar(&o.Cluster.Replicas, "replicas", 0, "`NUMBER` of cluster members that keep each new log (default 3 on a cluster, 1 on a lone server)")
	o.Cluster.Durability = broker.Always
	f.Choice(&o.Cluster.Durability, "durability", []string{broker.Always, broker.Interval}, "`WHEN` the NATS server in this process syncs to the disk: always, before each acknowledgement, or interval, once a second")
	f.Section("NATS clients")
	f.StringVar(&o.NATS.Listen, "nats-listen", broker.Auto, "`HOST:PORT` for NATS clients; off; auto is "+broker.DefaultPort+", or a free port if that is taken")
	f.StringVar(&o.NATS.WebSocket, "nats-websocket", "", "`HOST:PORT` for NATS clients in browsers")
	f.StringVar(&o.NATS.Origins, "nats-websocket-origins", "", "comma-separated `ORIGINS` whose pages may connect there, besides this server's own")
	f.StringVar(&o.NATS.Cert, "nats-tls-cert", "", "PEM `FILE` of the certificate for both")
	f.StringVar(&o.NATS.Key, "nats-tls-key", "", "PEM `FILE` of its key")
	f.Section("Signing")
	f.StringVar(&o.Key, "key", "", "`FILE` of the secret key that signs checkpoints (default DIR/key, which is created at the first start)")
	f.StringVar(&o.Name, "name", "", "`NAME` of the server in checkpoints, used when the key is made (default: the host name)")
	f.Section("Checking logs again")
	f.DurationVar(&o.Scrub.After, "scrub-after", time.Minute, "how long after the start all logs are read and compared with the views")
	f.DurationVar(&o.Scrub.Every, "scrub-every", 6*time.Hour, "how often that is repeated; 0 turns it off")
	f.IntVar(&o.Scrub.Rate, "scrub-rate", 20_000, "greatest `NUMBER` of events read for that each second, over all logs; 0 means no limit")
	f.Section("Starting a replica from a snapshot")
	f.StringVar(&o.Bootstrap.From, "snapshot-from", "", "`URL` of another replica, or a folder of ID.snapshot files, that new views start from; a snapshot that does not verify is set aside")
	f.StringVar(&o.Bootstrap.Key, "snapshot-key", "", "verifier `KEY` that must have signed it, or a file that holds it (default: that of this server)")
	f.StringVar(&o.Bootstrap.Token, "snapshot-token", "", "auditor's `TOKEN` for the other replica (default: $SUMMIT_TOKEN)")
	f.Section("Logging and profiling")
	o.Observe.LogFormat, o.Observe.LogLevel = "text", "info"
	f.Choice(&o.Observe.LogFormat, "log-format", []string{"text", "json"}, "`FORMAT` of the log on standard error: text or json")
	f.Choice(&o.Observe.LogLevel, "log-level", []string{"debug", "info", "warn", "error"}, "lowest `LEVEL` that is logged: debug (includes every request), info, warn or error")
	f.StringVar(&o.Observe.Pprof, "pprof", "", "`HOST:PORT` on this machine to serve profiles on (net/http/pprof)")
}

// accessFlags declares who can reach the server, and who may do what.
func accessFlags(f *cli.Flags, o *server.Options) {
	f.StringVar(&o.Listen.Tokens, "tokens", "", "`FILE` of the tokens (default DIR/"+server.TokensFile+"); several replicas may read the same, and changes take effect at once")
	f.StringVar(&o.Listen.Public, "public", "", "comma-separated `SUMMITS` that anybody may read once there are tokens; * is all")
	f.StringVar(&o.Listen.Cert, "tls-cert", "", "PEM `FILE` of the certificate for HTTPS; a renewed one is loaded automatically")
	f.StringVar(&o.Listen.Key, "tls-key", "", "PEM `FILE` of its key")
	f.StringVar(&o.Listen.Proxy, "proxy", "", "comma-separated `ADDRESSES` or networks of the proxies that speak TLS with clients: their X-Forwarded-For, -Proto and -Host are trusted, and tokens are required")
	f.StringVar(&o.Listen.CORS, "cors", "", "comma-separated `ORIGINS` whose pages may read here and act for signed-in users, such as https://news.example.org; * lets all pages read what is public")
	f.StringVar(&o.OIDC.Issuer, "oidc-issuer", "", "`URL` of an OpenID Connect issuer whose tokens (JWT) are accepted too")
	f.StringVar(&o.OIDC.Audience, "oidc-audience", "", "`AUDIENCE` (aud) that its tokens must have")
	f.StringVar(&o.OIDC.Roles, "oidc-roles", "", "`CLAIM` that holds what the bearer may do, as summit:ROLE:DESK:SUMMITS, such as summit:recorder:/desks/anchorage:alaska-2025; a path such as realm_access.roles reaches into a claim")
}

// ClusterFlags declares the credentials that a cluster asks for.
func ClusterFlags(f *cli.Flags, o *broker.ClusterOptions) {
	f.StringVar(&o.Creds, "nats-creds", "", "`FILE` of the credentials for --nats")
	f.StringVar(&o.NKey, "nats-nkey", "", "`FILE` of the NKey seed for --nats (summit keygen --nats creates one)")
	f.StringVar(&o.CA, "nats-ca", "", "`FILE` of the certificate authorities to trust for --nats (TLS)")
	f.StringVar(&o.Cert, "nats-cert", "", "`FILE` of the client certificate for --nats (TLS)")
	f.StringVar(&o.Key, "nats-key", "", "`FILE` of the key of --nats-cert")
}
