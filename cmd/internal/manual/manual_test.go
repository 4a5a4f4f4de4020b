package manual

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
)

// top is the folder of the source.
var top = filepath.Join("..", "..", "..")

func topics(t *testing.T) []Topic {
	t.Helper()
	list, err := Topics()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEveryFileIsATopicAndInTheIndex(t *testing.T) {
	found, err := fs.Glob(files, "*"+ending)
	if err != nil {
		t.Fatal(err)
	}
	list := topics(t)
	if len(found) != len(list)+1 {
		t.Errorf("%d files, of which %d are topics and one is the index", len(found), len(list))
	}
	b, err := files.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, topic := range list {
		line := fmt.Sprintf("- [%s](%s%s): %s\n", topic.Title, topic.Name, ending, topic.Short)
		n := strings.Index(string(b), line)
		if n < at {
			t.Errorf("the index lacks, or has in another order: %s", line)
		}
		at = max(n, at)
	}
}

// On a forge, links lead to files beside each other.
func TestEveryLinkLeadsToAFile(t *testing.T) {
	index, err := files.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range append(topics(t), Topic{Name: "README", text: index}) {
		for _, n := range links(topic.parse()) {
			to := ""
			switch x := n.(type) {
			case *ast.Link:
				to = string(x.Destination)
			case *ast.Image:
				to = string(x.Destination)
			}
			file, _, _ := strings.Cut(to, "#")
			switch {
			case strings.HasPrefix(to, "https://"), strings.HasPrefix(to, "#"):
			case path.IsAbs(to):
				t.Errorf("%s leads to %s, which a forge does not have", topic.Name, to)
			default:
				if _, err := os.Stat(filepath.FromSlash(file)); err != nil {
					t.Errorf("%s leads to %s: %v", topic.Name, to, err)
				}
			}
		}
	}
}

const sample = `# Title

One line.

## A **part**

See [times](times.md), [a runbook](../../../deploy/runbooks/replicas.md), [the web](https://example.org) and ` + "`code`" + `.
Raw <b>HTML</b> is left out.

- first item, which is long enough to be wrapped
- **second**

1. one
2. two

| name | what it is |
|---|---|
| a | words that need more than one line here |
| ` + "`bb`" + ` | short |

` + "```sh\nsummit help <TOPIC> that is not wrapped at all\n```" + `

![A picture](../../../deploy/screenshots/now.png)
`

func TestATopicInTheTerminal(t *testing.T) {
	topic := Topic{Name: "sample", Title: "Title", Short: "One line.", text: []byte(sample)}
	const want = `Title
=====

One line.


A part
------

See times (summit help times), a runbook
(deploy/runbooks/replicas.md), the web
(https://example.org) and ` + "`code`" + `. Raw
HTML is left out.

- first item, which is long enough to be
  wrapped
- second

1. one
2. two

name  what it is
────  ──────────────────────────────────
a     words that need more than one line
      here

` + "`bb`" + `  short

    summit help <TOPIC> that is not wrapped at all

Picture: A picture
(deploy/screenshots/now.png)

`
	if got := topic.Terminal(40, false); got != want {
		t.Errorf("it is\n%s\nwant\n%s", got, want)
	}
	styled := topic.Terminal(40, true)
	if !strings.Contains(styled, bold+"second"+reset) || !strings.Contains(styled, bold+"Title"+reset) || strings.Contains(styled, "`") {
		t.Errorf("styled it is\n%q", styled)
	}
}

// Each topic fits terminals of every width, but for commands and words that
// cannot be broken, and none of its words is lost.
func TestTopicsFitTheTerminal(t *testing.T) {
	for _, topic := range topics(t) {
		for _, width := range []int{40, 80, 120} {
			for _, styled := range []bool{false, true} {
				text := topic.Terminal(width, styled)
				for line := range strings.Lines(text) {
					line = strings.TrimSuffix(line, "\n")
					if wide(line) > min(width, widest) && !strings.HasPrefix(line, codeShift) && len(strings.Fields(line)) > 3 {
						t.Errorf("%s at %d: %d columns: %s", topic.Name, width, wide(line), line)
					}
				}
				shown := strings.Join(strings.Fields(styles.ReplaceAllString(text, "")), " ")
				for n := topic.parse().FirstChild(); n != nil; n = n.NextSibling() {
					words := strings.Join(strings.Fields(plain(n, topic.text)), " ")
					if n.Kind() == ast.KindParagraph && len(links(n)) == 0 && !strings.Contains(strings.ReplaceAll(shown, "`", ""), words) {
						t.Errorf("%s at %d lacks: %s", topic.Name, width, words)
					}
				}
			}
		}
	}
}

func TestATopicInTheBrowser(t *testing.T) {
	topic := Topic{Name: "sample", Title: "Title", Short: "One line.", text: []byte(sample)}
	got, err := topic.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<h2 id="a-part">A <strong>part</strong></h2>`,
		`See <a href="/docs/times">times</a>, a runbook (<code>deploy/runbooks/replicas.md</code>), <a href="https://example.org">the web</a> and <code>code</code>.`,
		`<div class="scroll" tabindex="0" role="region" aria-label="A part: name, what it is"><table>`,
		"<pre tabindex=\"0\"><code>summit help &lt;TOPIC&gt; that is not wrapped at all\n</code></pre>",
		`<p>Picture: A picture (deploy/screenshots/now.png)</p>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %s:\n%s", want, got)
		}
	}
	if found := regexp.MustCompile(`<b>|<h1|One line|style=|<img|\.md"`).FindString(got); found != "" {
		t.Errorf("it has %s:\n%s", found, got)
	}
}

func TestAFileWithoutATitleIsRefused(t *testing.T) {
	if _, err := read("nothing"); err == nil {
		t.Error("a file that is not there is read")
	}
}
