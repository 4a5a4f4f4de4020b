package httpserver_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/summit-timeline/summit/cmd/internal/access"
	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/cmd/internal/signing"
	"github.com/summit-timeline/summit/cmd/internal/summits"
	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/projections"
	"github.com/summit-timeline/summit/store"
	"github.com/summit-timeline/summit/store/archive"
	"github.com/summit-timeline/summit/store/merkle"
)

// rooms are those whose errors a request may meet.
var rooms = []string{
	"events", "store", "store/archive", "store/durable", "store/embedded", "store/merkle", "store/snapshot", "store/viewdb", "projections",
	"projections/internal/engine", "projections/internal/fold",
	"cmd/internal/access", "cmd/internal/feeds", "cmd/internal/issuer", "cmd/internal/limits", "cmd/internal/live", "cmd/internal/signing", "cmd/internal/summits",
}

// bare are errors of other libraries that are given on as they are, and never
// reach a reader.
var bare = map[string]bool{"store/viewdb.ErrClosed": true}

// Every exported error has a class, so that answers do not depend on wording. A new
// error without a class fails this test.
func TestEveryErrorHasAClass(t *testing.T) {
	for _, room := range rooms {
		for name := range unsorted(t, room) {
			if !bare[name] {
				t.Errorf("%s has no class: give the type a method Class, or make it with class.New", name)
			}
		}
	}
}

// unsorted are the exported errors of a room that have no class.
func unsorted(t *testing.T, room string) map[string]bool {
	files, err := filepath.Glob(filepath.Join("../../..", room, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", room, err)
	}
	typed, classed, list := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				switch on := receiver(n); n.Name.Name {
				case "Error":
					typed[on] = ast.IsExported(on)
				case "Class":
					classed[on] = true
				}
				return false
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if strings.HasPrefix(name.Name, "Err") && i < len(n.Values) && !sorted(n.Values[i]) {
						list[room+"."+name.Name] = true
					}
				}
			}
			return true
		})
	}
	for name, exported := range typed {
		if exported && !classed[name] {
			list[room+"."+name] = true
		}
	}
	return list
}

func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	on := f.Recv.List[0].Type
	if p, ok := on.(*ast.StarExpr); ok {
		on = p.X
	}
	if id, ok := on.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// sorted reports whether a value is made with a class, or is an error of a room that
// is looked at itself.
func sorted(value ast.Expr) bool {
	switch v := value.(type) {
	case *ast.CallExpr:
		f, ok := v.Fun.(*ast.SelectorExpr)
		return ok && f.Sel.Name == "New" && fmt.Sprint(f.X) == "class"
	case *ast.SelectorExpr:
		return slices.Contains([]string{"viewdb", "engine", "fold", "read"}, fmt.Sprint(v.X)) // another room, which is looked at
	}
	return false
}

func TestWhatErrorsAreAnsweredWith(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
	}{
		{&store.ConflictError{}, http.StatusConflict},
		{&store.IDTakenError{}, http.StatusConflict},
		{store.ErrExists, http.StatusConflict},
		{summits.ErrClosed, http.StatusConflict},
		{&store.ReplacedError{Opened: time.Now()}, http.StatusServiceUnavailable},
		{&store.GapError{}, http.StatusServiceUnavailable},
		{&store.SettingsError{}, http.StatusServiceUnavailable},
		{store.ErrUnavailable, http.StatusServiceUnavailable},
		{store.ErrNotFound, http.StatusNotFound},
		{&projections.BehindError{}, http.StatusServiceUnavailable},
		{&projections.InconsistencyError{}, http.StatusServiceUnavailable},
		{&projections.AheadError{}, http.StatusBadRequest},
		{&projections.ParamError{Name: "known"}, http.StatusBadRequest},
		{&projections.Inadmissible{}, http.StatusUnprocessableEntity},
		{&projections.PanicError{}, http.StatusInternalServerError},
		{projections.ErrNotFound, http.StatusNotFound},
		{projections.ErrNotYet, http.StatusServiceUnavailable},
		{&archive.Fault{Reason: "x"}, http.StatusServiceUnavailable},
		{merkle.ErrNoTile, http.StatusNotFound},
		{summits.ErrMoved, http.StatusPreconditionFailed},
		{summits.ErrInDoubt, http.StatusServiceUnavailable},
		{summits.ErrLost, http.StatusServiceUnavailable},
		{&summits.DamagedError{}, http.StatusServiceUnavailable},
		{signing.ErrBehind, http.StatusServiceUnavailable},
		{&signing.RefusedError{}, http.StatusServiceUnavailable},
		{&signing.SizeError{}, http.StatusBadRequest},
		{events.ErrTooLarge, http.StatusRequestEntityTooLarge},
		{events.Faults{{Detail: "x"}}, http.StatusUnprocessableEntity},
		{access.ErrExpired, http.StatusUnauthorized},
		{&access.UnavailableError{Err: store.ErrUnavailable}, http.StatusServiceUnavailable},
		{&http.MaxBytesError{Limit: 1}, http.StatusRequestEntityTooLarge},
		{fs.ErrNotExist, http.StatusInternalServerError},
	} {
		if got := respond.ProblemOf(fmt.Errorf("what was done: %w", c.err)); got.Status != c.status || got.Detail == "" {
			t.Errorf("%T %v: %d %q, want %d", c.err, c.err, got.Status, got.Detail, c.status)
		}
	}
}
