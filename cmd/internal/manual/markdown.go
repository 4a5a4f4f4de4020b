package manual

import (
	"path"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	ending = ".md"
	index  = "README" + ending // lists the topics for those who read in place
	// home is the folder of the files in the source, which relative links start
	// from.
	home = "cmd/internal/manual"
)

// markdown returns the one parser and HTML renderer of the manual. Raw HTML is
// left out.
func markdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(boxes{}, 100))),
	)
}

// parse returns the topic without its title and its first line, which each
// reader shows in a way of its own.
func (t Topic) parse() ast.Node {
	doc := markdown().Parser().Parse(text.NewReader(t.text))
	for range 2 {
		doc.RemoveChild(doc, doc.FirstChild())
	}
	return doc
}

// place is what a link of the manual leads to.
type place struct {
	topic    string // another topic, or index
	fragment string // a heading, in this topic where topic is ""
	web      string // an address elsewhere
	source   string // a file of the source, by its path from the top
}

// placeOf resolves the destination of a link.
func placeOf(destination string) place {
	if strings.Contains(destination, "://") {
		return place{web: destination}
	}
	file, fragment, _ := strings.Cut(destination, "#")
	if file == index || !strings.Contains(file, "/") && strings.HasSuffix(file, ending) || file == "" {
		return place{topic: strings.TrimSuffix(file, ending), fragment: fragment}
	}
	return place{source: path.Join(home, file)}
}

// links returns the links and pictures below a node, in order.
func links(n ast.Node) []ast.Node {
	var list []ast.Node
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the walker has no errors of its own
		if entering && (n.Kind() == ast.KindLink || n.Kind() == ast.KindImage) {
			list = append(list, n)
		}
		return ast.WalkContinue, nil
	})
	return list
}

// plain returns the words of a node without their markup.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch x := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(x.Segment.Value(source))
				if x.SoftLineBreak() || x.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(x.Value)
			}
		case *ast.AutoLink:
			if entering {
				b.Write(x.URL(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// code returns the lines of a block of code.
func code(n ast.Node, source []byte) string {
	var b strings.Builder
	lines := n.Lines()
	for i := range lines.Len() {
		line := lines.At(i)
		b.Write(line.Value(source))
	}
	return b.String()
}
