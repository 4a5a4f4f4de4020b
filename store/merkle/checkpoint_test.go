package merkle

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
)

// specBody is the example of C2SP tlog-checkpoint.
const specBody = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

func TestCheckpointOfTheSpecification(t *testing.T) {
	c, err := ParseCheckpoint([]byte(specBody))
	if err != nil {
		t.Fatal(err)
	}
	if c.Origin != "example.com/behind-the-sofa" || c.Size != 20852163 || c.Extensions != nil ||
		hex.EncodeToString(c.Root[:]) != "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62" {
		t.Fatalf("read %+v", c)
	}
	if b, err := c.Format(); err != nil || string(b) != specBody {
		t.Fatalf("formatted as %q (%v)", b, err)
	}
}

func TestCheckpointsRoundTrip(t *testing.T) {
	nothing := Hash(oracle(nil))
	for _, c := range []Checkpoint{
		{Origin: "a", Size: 0, Root: nothing},
		{Origin: "host/summits/x", Size: MaxSize, Root: LeafHash(nil)},
		{Origin: "with spaces + plus", Size: 1, Root: LeafHash(nil), Extensions: []string{"one", " ", "żółw"}},
	} {
		b, err := c.Format()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ParseCheckpoint(b); err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("%+v came back as %+v (%v)", c, got, err)
		}
	}
}

func TestUnformattableCheckpoints(t *testing.T) {
	good := Checkpoint{Origin: "a", Size: 1}
	for name, bend := range map[string]func(*Checkpoint){
		"no origin":          func(c *Checkpoint) { c.Origin = "" },
		"origin of 2 lines":  func(c *Checkpoint) { c.Origin = "a\n7" },
		"origin with tab":    func(c *Checkpoint) { c.Origin = "a\t" },
		"origin not UTF-8":   func(c *Checkpoint) { c.Origin = "\xff" },
		"empty extension":    func(c *Checkpoint) { c.Extensions = []string{""} },
		"extension, 2 lines": func(c *Checkpoint) { c.Extensions = []string{"x\ny"} },
		"negative":           func(c *Checkpoint) { c.Size = -1 },
		"too large":          func(c *Checkpoint) { c.Size = MaxSize + 1 },
		"root of nothing":    func(c *Checkpoint) { c.Size = 0 },
	} {
		c := good
		bend(&c)
		if b, err := c.Format(); err == nil {
			t.Errorf("%s: formatted as %q", name, b)
		}
	}
}

func TestLenientCheckpointsAreRefused(t *testing.T) {
	const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
	for name, body := range map[string]string{
		"nothing":           "",
		"no line end":       "a\n1\n" + root,
		"two lines":         "a\n1\n",
		"empty origin":      "\n1\n" + root + "\n",
		"empty line":        specBody + "\n",
		"carriage returns":  strings.ReplaceAll(specBody, "\n", "\r\n"),
		"leading zero":      "a\n01\n" + root + "\n",
		"plus":              "a\n+1\n" + root + "\n",
		"minus":             "a\n-1\n" + root + "\n",
		"minus nothing":     "a\n-0\n" + root + "\n",
		"space":             "a\n1 \n" + root + "\n",
		"hexadecimal":       "a\n0x1\n" + root + "\n",
		"underscore":        "a\n1_0\n" + root + "\n",
		"size past 2^62":    "a\n4611686018427387904\n" + root + "\n",
		"size past 2^64":    "a\n99999999999999999999\n" + root + "\n",
		"spare bits in 64":  "a\n1\n" + strings.Replace(root, "I=", "J=", 1) + "\n",
		"URL alphabet":      "a\n1\n" + strings.Replace(root, "/", "_", 1) + "\n",
		"no padding":        "a\n1\n" + strings.TrimSuffix(root, "=") + "\n",
		"31 bytes":          "a\n1\n" + encode64(make([]byte, 31)) + "\n",
		"33 bytes":          "a\n1\n" + encode64(make([]byte, 33)) + "\n",
		"another empty log": "a\n0\n" + root + "\n",
		"control character": "a\x01\n1\n" + root + "\n",
		"not UTF-8":         "\xff\n1\n" + root + "\n",
	} {
		if c, err := ParseCheckpoint([]byte(body)); err == nil {
			t.Errorf("%s: read as %+v", name, c)
		}
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add([]byte(specBody))
	f.Add([]byte("a\n1\n" + encode64(make([]byte, 32)) + "\nmore\n"))
	f.Add([]byte("a\n01\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := ParseCheckpoint(body)
		if err != nil {
			return
		}
		if b, err := c.Format(); err != nil || string(b) != string(body) {
			t.Fatalf("%q came back as %q (%v)", body, b, err)
		}
	})
}
