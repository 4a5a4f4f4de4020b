package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/summit-timeline/summit/cmd/internal/broker/brokertest"
)

// identity is a key of an operator, an account or a user, and its public half.
type identity struct {
	pair   nkeys.KeyPair
	public string
}

func identify(t *testing.T, create func() (nkeys.KeyPair, error)) identity {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return identity{pair, public}
}

// operated starts a server in operator mode, where an account vouches for its
// users with signed JWTs, and gives its URL and a credentials file of a user.
func operated(t *testing.T) (url, creds string) {
	t.Helper()
	operator, account, system := identify(t, nkeys.CreateOperator), identify(t, nkeys.CreateAccount), identify(t, nkeys.CreateAccount)
	user := identify(t, nkeys.CreateUser)
	operatorClaims := jwt.NewOperatorClaims(operator.public)
	operatorClaims.SystemAccount = system.public
	resolver := &server.MemAccResolver{}
	for _, a := range []identity{account, system} {
		claims := jwt.NewAccountClaims(a.public)
		if a == account {
			claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit}
		}
		if err := resolver.Store(a.public, signed(t, claims, operator)); err != nil {
			t.Fatal(err)
		}
	}
	port := brokertest.FreePorts(t, 1)[0]
	signed(t, operatorClaims, operator)
	brokertest.Run(t, &server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true,
		TrustedOperators: []*jwt.OperatorClaims{operatorClaims}, AccountResolver: resolver, SystemAccount: system.public,
	})
	seed, err := user.pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(signed(t, jwt.NewUserClaims(user.public), account), seed)
	if err != nil {
		t.Fatal(err)
	}
	creds = filepath.Join(t.TempDir(), "replica.creds")
	if err := os.WriteFile(creds, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("nats://127.0.0.1:%d", port), creds
}

func signed(t *testing.T, claims jwt.Claims, by identity) string {
	t.Helper()
	token, err := claims.Encode(by.pair)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAReplicaShowsTheCredentialsOfAnAccount(t *testing.T) {
	url, creds := operated(t)
	replica := startWith(t, "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--nats", url, "--nats-creds", creds)
	defer replica.end(t, syscall.SIGTERM)
	note := `{"source":"/d","type":"note.added","subject":"note/n","data":{"text":"a","sources":[{"id":"s","name":"S"}]}}`
	if status, answer := replica.post(t, "/v1/summits/alaska-2025/facts", "application/cloudevents+json", note); status != 201 {
		t.Errorf("%d %v", status, answer)
	}
}
