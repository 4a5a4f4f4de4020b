package keys_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nkeys"

	"github.com/summit-timeline/summit/cmd/internal/cli"
	"github.com/summit-timeline/summit/cmd/internal/keys"
	"github.com/summit-timeline/summit/cmd/internal/keys/keystest"
	"github.com/summit-timeline/summit/store/merkle"
)

func TestAKeyIsMadeOnceForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "key")
	vkey, err := keys.Make(path, "server.example")
	if err != nil || !strings.HasPrefix(vkey, "server.example+") {
		t.Fatal(vkey, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	skey, err := keys.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if own, err := merkle.VerifierKey(skey); err != nil || own != vkey {
		t.Errorf("what was read verifies as %s, not as %s (%v)", own, vkey, err)
	}
	if _, err := keys.Make(path, "server.example"); err == nil || !strings.Contains(err.Error(), "never written over") {
		t.Errorf("made again: %v", err)
	}
	if again, err := keys.Read(path); err != nil || again != skey {
		t.Error("the key was written over")
	}
	if _, err := keys.Make(filepath.Join(t.TempDir(), "key"), "no name"); err == nil {
		t.Error("a name with a space was taken")
	}
}

func TestAKeyThatCannotBeReadIsNamedWithTheWayOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if _, err := keys.Read(path); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "summit keygen") {
		t.Errorf("not there: %v", err)
	}
	for _, content := range []string{"", " \n", "nonsense", "PRIVATE+KEY+x+00000000+AAAA"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Read(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "backup") {
			t.Errorf("%q: %v", content, err)
		}
	}
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o602: true} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if w := keys.Warning(path); (w != "") != warned {
			t.Errorf("%o: %q", mode, w)
		}
	}
}

// One key of a server verifies each of its logs, and the key of a log verifies that log.
func TestAServersKeyVerifiesEachOfItsLogs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	vkey, err := keys.Make(path, "server.example")
	if err != nil {
		t.Fatal(err)
	}
	skey, err := keys.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, summit := range []string{"geneva", "oslo"} {
		origin := "server.example/summits/" + summit
		v, err := keys.LogVerifier(vkey, summit)
		if err != nil || v.Name() != origin {
			t.Fatalf("%v, %v", v, err)
		}
		signer, err := merkle.NewLogSigner(skey, origin)
		if err != nil {
			t.Fatal(err)
		}
		text, err := merkle.Sign(merkle.Checkpoint{Origin: origin, Size: 1}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := merkle.Open(text, v); err != nil {
			t.Error(err)
		}
		own, err := merkle.RenameKey(vkey, origin)
		if err != nil {
			t.Fatal(err)
		}
		if of, err := keys.LogVerifier(own, summit); err != nil || of.Name() != origin || of.KeyHash() != v.KeyHash() {
			t.Errorf("%v, %v", of, err)
		}
	}
	if _, err := keys.LogVerifier("nonsense", "geneva"); err == nil {
		t.Error("nonsense verifies")
	}
}

func TestAVerifierKeyIsGivenOrInAFile(t *testing.T) {
	const key = "name+00000000+AAAA"
	dir := t.TempDir()
	plain, odd := filepath.Join(dir, "server.pub"), filepath.Join(dir, "a+b+c.pub") // a name with signs as a key has them
	for _, path := range []string{plain, odd} {
		if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for given, want := range map[string]string{"": "", key: key, plain: key, odd: key} {
		if got, err := keys.OrFile("key", given); err != nil || got != want {
			t.Errorf("%q is %q, %v", given, got, err)
		}
	}
	var wrong *cli.ExitError
	if _, err := keys.OrFile("log-key", plain+".away"); !errors.As(err, &wrong) || wrong.Code != cli.Misused || !strings.Contains(err.Error(), "--log-key") {
		t.Errorf("%v", err)
	}
}

func TestTheKeyOfReplicasIsASeed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "replicas.nk")
	var out bytes.Buffer
	if err := keys.MakeNATS(&out, path); err != nil {
		t.Fatal(err)
	}
	seed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := nkeys.FromSeed(bytes.TrimSpace(seed))
	if err != nil {
		t.Fatal(err)
	}
	if public, err := pair.PublicKey(); err != nil || public+"\n" != out.String() {
		t.Errorf("the file is of %s, and it says %s (%v)", public, &out, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := keys.MakeNATS(&out, path); err == nil {
		t.Error("a key was written over")
	}
}

// While a pair is being replaced and its halves do not match, the old pair stays in
// use.
func TestACertificateIsReplacedAsAPair(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	cert, key := keystest.Certificate(t, dir)
	newCert, newKey := keystest.Certificate(t, other)
	c, err := keys.OpenCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string {
		t.Helper()
		pair, err := c.Get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(pair.Certificate[0])
	}
	put := func(from, to string, later time.Duration) {
		t.Helper()
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
		now := time.Now().Add(later)
		if err = errors.Join(err, os.Chtimes(to, now, now)); err != nil {
			t.Fatal(err)
		}
	}
	before := shown()
	put(newCert, cert, time.Hour)
	if shown() != before {
		t.Error("half of a pair is shown")
	}
	if err := c.Reload(); err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("reloaded: %v", err)
	}
	put(newKey, key, time.Hour)
	if shown() == before {
		t.Error("the pair before is still shown")
	}
	if _, err := keys.OpenCertificate(cert+".away", key); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
