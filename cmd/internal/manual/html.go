package manual

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// Root is the path below which the browser finds the topics.
const Root = "/docs"

// HTML renders what follows the title and the first line. It has no scripts, no
// styles and nothing to load, and links to topics lead below [Root]. What lies
// elsewhere in the source is named by its path: a server does not have it.
func (t Topic) HTML() (string, error) {
	doc := t.parse()
	for _, n := range links(doc) {
		t.relink(n)
	}
	var b bytes.Buffer
	if err := markdown().Renderer().Render(&b, t.text, doc); err != nil {
		return "", fmt.Errorf("render %s: %w", t.Name, err)
	}
	return b.String(), nil
}

// relink makes a link lead to where the browser finds it.
func (t Topic) relink(n ast.Node) {
	if picture, ok := n.(*ast.Image); ok {
		named := ast.NewString([]byte("Picture: " + plain(n, t.text) + " (" + placeOf(string(picture.Destination)).source + ")"))
		n.Parent().ReplaceChild(n.Parent(), n, named)
		return
	}
	link := n.(*ast.Link) // links lists nothing else
	switch to := placeOf(string(link.Destination)); {
	case to.source != "":
		unlink(link, t.text, to.source)
	case to.web != "":
	default:
		link.Destination = []byte(address(to))
	}
}

// address returns where a topic stands in the browser.
func address(to place) string {
	path := ""
	switch to.topic {
	case "":
	case strings.TrimSuffix(index, ending):
		path = Root
	default:
		path = Root + "/" + to.topic
	}
	if to.fragment != "" {
		path += "#" + to.fragment
	}
	return path
}

// unlink puts the words of a link and the path of the file in its place.
func unlink(link *ast.Link, source []byte, path string) {
	parent, words := link.Parent(), plain(link, source)
	name := ast.NewString([]byte("<code>" + string(util.EscapeHTML([]byte(path))) + "</code>"))
	name.SetCode(true) // rendered as it is
	if words == path {
		parent.ReplaceChild(parent, link, name)
		return
	}
	for child := link.FirstChild(); child != nil; child = link.FirstChild() {
		parent.InsertBefore(parent, link, child)
	}
	parent.InsertBefore(parent, link, ast.NewString([]byte(" (")))
	parent.InsertBefore(parent, link, name)
	parent.ReplaceChild(parent, link, ast.NewString([]byte(")")))
}

// boxes renders what may be wider than the page: a keyboard can scroll it.
type boxes struct{}

// RegisterFuncs is called by goldmark.
func (boxes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindFencedCodeBlock, codeBox)
	r.Register(ast.KindCodeBlock, codeBox)
	r.Register(tables.KindTable, tableBox)
}

func codeBox(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, err := fmt.Fprintf(w, "<pre tabindex=\"0\"><code>%s</code></pre>\n", util.EscapeHTML([]byte(code(n, source))))
	return ast.WalkSkipChildren, err
}

func tableBox(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, err := w.WriteString("</table></div>\n")
		return ast.WalkContinue, err
	}
	_, err := fmt.Fprintf(w, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>\n",
		util.EscapeHTML([]byte(above(n, source)+": "+strings.Join(cells(n.FirstChild(), source), ", "))))
	return ast.WalkContinue, err
}

// above returns the words of the heading that a block stands under.
func above(n ast.Node, source []byte) string {
	for n != nil && n.Kind() != ast.KindHeading {
		n = n.PreviousSibling()
	}
	if n == nil {
		return "Table"
	}
	return plain(n, source)
}

// cells returns the words of each cell of a row.
func cells(row ast.Node, source []byte) []string {
	var list []string
	for c := row.FirstChild(); c != nil; c = c.NextSibling() {
		list = append(list, plain(c, source))
	}
	return list
}
