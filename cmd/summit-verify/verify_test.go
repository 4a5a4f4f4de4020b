package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// The verifier shares no code with the rest, and nor does this test: the tree, the
// note and the proofs are made here from the specifications.

func entries(n int) [][]byte {
	list := make([][]byte, n)
	for i := range list {
		list[i] = fmt.Appendf(nil, `{"n":%d}`, i)
	}
	return list
}

func leavesOf(entries [][]byte) [][32]byte {
	list := make([][32]byte, len(entries))
	for i, e := range entries {
		list[i] = sha256.Sum256(append([]byte{0}, e...))
	}
	return list
}

// mth is the Merkle Tree Hash of RFC 6962, section 2.1, as it is written there.
func mth(d [][32]byte) [32]byte {
	if len(d) == 1 {
		return d[0]
	}
	k := split(len(d))
	l, r := mth(d[:k]), mth(d[k:])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

// split is the largest power of two below n.
func split(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

// pathTo is PATH(m, D[n]) of RFC 6962, section 2.1.1.
func pathTo(m int, d [][32]byte) [][32]byte {
	if len(d) == 1 {
		return nil
	}
	if k := split(len(d)); m < k {
		return append(pathTo(m, d[:k]), mth(d[k:]))
	} else {
		return append(pathTo(m-k, d[k:]), mth(d[:k]))
	}
}

// subproof is SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2.
func subproof(m int, d [][32]byte, whole bool) [][32]byte {
	if m == len(d) {
		if whole {
			return nil
		}
		return [][32]byte{mth(d)}
	}
	if k := split(len(d)); m <= k {
		return append(subproof(m, d[:k], whole), mth(d[k:]))
	} else {
		return append(subproof(m-k, d[k:], false), mth(d[:k]))
	}
}

func TestProofsOfTheSpecificationHold(t *testing.T) {
	d := leavesOf(entries(20))
	for n := 1; n <= len(d); n++ {
		if root(d[:n]) != mth(d[:n]) {
			t.Fatalf("the root of %d", n)
		}
		for m := range n {
			if err := included(m, n, d[m], pathTo(m, d[:n]), mth(d[:n])); err != nil {
				t.Errorf("%d in %d: %v", m, n, err)
			}
			if err := consistent(m+1, n, subproof(m+1, d[:n], true), mth(d[:m+1]), mth(d[:n])); err != nil {
				t.Errorf("%d to %d: %v", m+1, n, err)
			}
		}
	}
	if root(nil) != sha256.Sum256(nil) {
		t.Error("the root of nothing")
	}
}

func TestNoOtherProofHolds(t *testing.T) {
	d := leavesOf(entries(20))
	other := sha256.Sum256([]byte("other"))
	for n := 2; n <= len(d); n++ {
		whole := mth(d[:n])
		for m := range n {
			p := pathTo(m, d[:n])
			bad := map[string]error{
				"another leaf":  included(m, n, other, p, whole),
				"another root":  included(m, n, d[m], p, other),
				"another place": included((m+1)%n, n, d[m], p, whole),
				"beyond":        included(n, n, d[m], p, whole),
				"too long":      included(m, n, d[m], append(p[:len(p):len(p)], other), whole),
				"too short":     included(m, n, d[m], p[:len(p)-1], whole),
			}
			if m+1 < n {
				c := subproof(m+1, d[:n], true)
				bad["another beginning"] = consistent(m+1, n, c, other, whole)
				bad["another end"] = consistent(m+1, n, c, mth(d[:m+1]), other)
				bad["too long a growth"] = consistent(m+1, n, append(c[:len(c):len(c)], other), mth(d[:m+1]), whole)
				bad["too short a growth"] = consistent(m+1, n, c[:len(c)-1], mth(d[:m+1]), whole)
			}
			for what, err := range bad {
				if err == nil {
					t.Errorf("%s holds: %d of %d", what, m, n)
				}
			}
		}
	}
	if consistent(2, 2, nil, other, mth(d[:2])) == nil || consistent(2, 2, [][32]byte{other}, other, other) == nil {
		t.Error("a tree is another of its size")
	}
}

// log is a server, or what would be one.
type log struct {
	entries [][]byte
	name    string
	private ed25519.PrivateKey
	// tamper changes an answer.
	tamper func(path, answer string) string
}

func newLog(n int) *log {
	seed := sha256.Sum256([]byte("a key of these tests alone"))
	return &log{entries: entries(n), name: "server.example/summits/geneva", private: ed25519.NewKeyFromSeed(seed[:]), tamper: func(_, answer string) string { return answer }}
}

func (l *log) public() []byte { return append([]byte{1}, l.private.Public().(ed25519.PublicKey)...) }

func (l *log) id() []byte {
	sum := sha256.Sum256(append([]byte(l.name+"\n"), l.public()...))
	return sum[:4]
}

func (l *log) key() string {
	return fmt.Sprintf("%s+%x+%s", l.name, l.id(), base64.StdEncoding.EncodeToString(l.public()))
}

func b64(h [32]byte) string { return base64.StdEncoding.EncodeToString(h[:]) }

func (l *log) checkpoint(size int) string {
	text := fmt.Sprintf("%s\n%d\n%s\n", l.name, size, b64(mth(leavesOf(l.entries[:size]))))
	signature := base64.StdEncoding.EncodeToString(append(l.id(), ed25519.Sign(l.private, []byte(text))...))
	return text + "\n— a.witness AAAAAAAA\n— " + l.name + " " + signature + "\n"
}

func list(hashes [][32]byte) string {
	var texts []string
	for _, h := range hashes {
		texts = append(texts, `"`+b64(h)+`"`)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// answer answers a path; the log has less than a full tile.
func (l *log) answer(path string, query func(string) int) string {
	d := leavesOf(l.entries)
	width := fmt.Sprintf(".p/%d", len(d))
	switch path {
	case "/checkpoint":
		if n := query("size"); n > 0 {
			return l.checkpoint(n)
		}
		return l.checkpoint(len(d))
	case "/tile/entries/000" + width:
		var b []byte
		for _, e := range l.entries {
			b = append(binary.BigEndian.AppendUint16(b, uint16(len(e))), e...)
		}
		return string(b)
	case "/tile/0/000" + width:
		var b []byte
		for _, h := range d {
			b = append(b, h[:]...)
		}
		return string(b)
	case "/proof/consistency":
		from, to := query("from"), query("to")
		return fmt.Sprintf(`{"from":%d,"to":%d,"root_from":%q,"root_to":%q,"hashes":%s}`, from, to, b64(mth(d[:from])), b64(mth(d[:to])), list(subproof(from, d[:to], true)))
	case "/proof/inclusion":
		seq, size := query("seq"), query("size")
		return fmt.Sprintf(`{"index":%d,"size":%d,"leaf":%q,"root":%q,"hashes":%s}`, seq-1, size, b64(d[seq-1]), b64(mth(d[:size])), list(pathTo(seq-1, d[:size])))
	}
	return ""
}

func (l *log) verified(t *testing.T) (head, error) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := l.answer(r.URL.Path, func(name string) int { n, _ := strconv.Atoi(r.URL.Query().Get(name)); return n })
		if answer = l.tamper(r.URL.Path, answer); answer == "" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer s.Close()
	k, err := parseKey(l.key())
	if err != nil {
		t.Fatal(err)
	}
	return checkServer(s.URL, k)
}

func TestAServerThatTellsTheTruthIsGood(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 20} {
		l := newLog(n)
		if h, err := l.verified(t); err != nil || h.size != n || h.root != mth(leavesOf(l.entries)) {
			t.Errorf("%d: %+v, %v", n, h, err)
		}
	}
}

func TestAServerThatLiesIsBad(t *testing.T) {
	for name, tamper := range map[string]func(l *log) func(path, answer string) string{
		"another entry": func(*log) func(string, string) string {
			return func(path, answer string) string {
				if strings.HasPrefix(path, "/tile/entries") {
					return strings.Replace(answer, `{"n":3}`, `{"n":4}`, 1)
				}
				return answer
			}
		},
		"an entry cut off": func(*log) func(string, string) string {
			return func(path, answer string) string {
				if strings.HasPrefix(path, "/tile/entries") {
					return answer[:len(answer)-1]
				}
				return answer
			}
		},
		"one entry more": func(*log) func(string, string) string {
			return func(path, answer string) string {
				if strings.HasPrefix(path, "/tile/entries") {
					return answer + "\x00\x01x"
				}
				return answer
			}
		},
		"another hash": func(*log) func(string, string) string {
			return func(path, answer string) string {
				if strings.HasPrefix(path, "/tile/0/") {
					return answer[:40] + "\x00" + answer[41:]
				}
				return answer
			}
		},
		"another size": func(*log) func(string, string) string {
			return func(path, answer string) string {
				if path == "/checkpoint" {
					return strings.Replace(answer, "\n9\n", "\n8\n", 1)
				}
				return answer
			}
		},
		"another origin": func(l *log) func(string, string) string {
			other := *l
			other.name = "server.example/summits/oslo"
			return func(path, answer string) string {
				if path == "/checkpoint" {
					return other.checkpoint(9)
				}
				return answer
			}
		},
		"nobody's signature": func(*log) func(string, string) string {
			return func(path, answer string) string {
				if path == "/checkpoint" {
					return answer[:strings.Index(answer, "— server")]
				}
				return answer
			}
		},
		"a proof of another": func(*log) func(string, string) string {
			return func(path, answer string) string {
				if path == "/proof/inclusion" {
					return strings.Replace(answer, `"index":0`, `"index":1`, 1)
				}
				return answer
			}
		},
		"no growth": func(*log) func(string, string) string {
			return func(path, answer string) string {
				if path == "/proof/consistency" {
					return strings.Replace(answer, `"hashes":["`, `"hashes":["AAAA`, 1)
				}
				return answer
			}
		},
		"nothing": func(*log) func(string, string) string { return func(string, string) string { return "" } },
	} {
		l := newLog(9)
		l.tamper = tamper(l)
		if h, err := l.verified(t); err == nil {
			t.Errorf("%s: good %d", name, h.size)
		}
	}
}

func TestAKeyIsWhatItsIDSays(t *testing.T) {
	good := newLog(1).key()
	if k, err := parseKey(good); err != nil || k.name != "server.example/summits/geneva" {
		t.Fatalf("%+v, %v", k, err)
	}
	for _, bad := range []string{"", "name", "name+00000000", "other" + good, strings.Replace(good, "+", "+0", 1), good[:len(good)-4], good + "AAAA"} {
		if k, err := parseKey(bad); err == nil {
			t.Errorf("%q is %+v", bad, k)
		}
	}
}

func TestTilesHaveThePathsOfTheSpecification(t *testing.T) {
	for want, c := range map[string]struct{ index, width int }{
		"tile/0/000": {0, 256}, "tile/0/000.p/1": {0, 1}, "tile/0/999": {999, 256}, "tile/0/x001/000": {1000, 256}, "tile/0/x001/x234/067.p/255": {1_234_067, 255},
	} {
		if got := tilePath("0", c.index, c.width); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
