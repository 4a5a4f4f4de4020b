package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Man returns the verb that writes the man pages of a program. program returns
// the program when the verb runs, as it is a part of it. The pages are in mdoc,
// which says what a word is and not how it looks; the generator of cobra writes
// plain man macros, which mandoc and lintian find fault with.
func Man(program func() *Program) Verb {
	return Verb{
		Name: "man", Args: "DIR", Short: "write the man pages into a folder: one for the program, one for each command",
		Example: "summit man /usr/local/share/man/man1\nman summit-serve",
		Setup: func(*Flags) Run {
			return func(_ context.Context, std Streams, args []string) error { return program().writePages(std, args[0]) }
		},
	}
}

func (p *Program) writePages(std Streams, dir string) error {
	date, err := manDate()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // man pages are for everybody
		return fmt.Errorf("write the man pages: %w", err)
	}
	pages := map[string]string{p.Name + ".1": p.page(date)}
	for _, v := range p.Verbs() {
		pages[p.Name+"-"+v.Name+".1"] = p.verbPage(v, date)
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // as above
			return fmt.Errorf("write the man pages: %w", err)
		}
	}
	fmt.Fprintf(std.Out, "%d pages in %s\n", len(pages), dir)
	return nil
}

// manDate returns the date on the pages: SOURCE_DATE_EPOCH if it is set, so
// that a package can be built again to the byte, else that of the revision.
func manDate() (time.Time, error) {
	if s := os.Getenv("SOURCE_DATE_EPOCH"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return time.Time{}, Usage("SOURCE_DATE_EPOCH=%s: %v", s, errors.Unwrap(err))
		}
		return time.Unix(n, 0).UTC(), nil
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if t, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
				return t, nil
			}
		}
	}
	return time.Now().UTC(), nil
}

// roff writes a page in the mdoc language, which every man reads.
type roff struct{ strings.Builder }

// line writes a macro with its arguments.
func (r *roff) line(macro ...string) { r.WriteString("." + strings.Join(macro, " ") + "\n") }

// quoted is one argument of a macro, whatever stands in it.
func quoted(s string) string { return `"` + strings.ReplaceAll(Escaped(s), `"`, `\(dq`) + `"` }

// Escaped returns text in the form that roff prints as it is.
func Escaped(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}

// text writes a paragraph, in lines as short as roff files have them; a sentence
// begins a line of its own, so that its space is right.
func (r *roff) text(s string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && (len(line)+len(word) > 72 || strings.ContainsAny(line[len(line)-1:], ".!?")) {
			r.WriteString(Escaped(line) + "\n")
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	r.WriteString(Escaped(line) + "\n")
}

func (r *roff) head(title, short string, date time.Time) {
	r.line("Dd", date.Format("January 2, 2006"))
	r.line("Dt", strings.ToUpper(title), "1")
	r.line("Os")
	r.line("Sh", "NAME")
	r.line("Nm", Escaped(title))
	r.line("Nd", Escaped(short))
	r.line("Sh", "SYNOPSIS")
}

// ends writes the sections that all pages have.
func (r *roff) ends(environment [][2]string) {
	r.line("Sh", "ENVIRONMENT")
	r.line("Bl", "-tag", "-width", "SUMMIT_SERVER")
	for _, e := range environment {
		r.line("It", "Ev", e[0])
		r.text(e[1])
	}
	r.line("El")
	r.line("Sh", "EXIT STATUS")
	r.line("Bl", "-tag", "-width", "Ds")
	for code, meaning := range exitCodes {
		r.line("It", "Cm", strconv.Itoa(code))
		r.text(meaning)
	}
	r.line("El")
}

// verbPage returns the man page of a verb.
func (p *Program) verbPage(v Verb, date time.Time) string {
	var r roff
	f := v.Flags()
	r.head(p.Name+"-"+v.Name, v.Short, date)
	r.line("Nm", quoted(p.Name+" "+v.Name))
	if f.HasFlags() {
		r.line("Op", "Ar", "flags")
	}
	for a := range strings.FieldsSeq(v.Args) {
		if name := strings.Trim(a, "[]"); name != a {
			r.line("Op", "Ar", quoted(name))
		} else {
			r.line("Ar", quoted(a))
		}
	}
	r.line("Sh", "DESCRIPTION")
	r.text("Flags and arguments may stand in any order.")
	for _, line := range v.wordLines() {
		r.text(line)
	}
	for _, section := range f.sections {
		r.line("Ss", quoted(section))
		r.line("Bl", "-tag", "-width", "Ds")
		f.in(section).VisitAll(r.option)
		r.line("El")
	}
	r.ends(p.Environment)
	r.line("Sh", "EXAMPLES")
	r.line("Bd", "-literal")
	for l := range strings.SplitSeq(v.Example, "\n") {
		r.WriteString(Escaped(l) + "\n")
	}
	r.line("Ed")
	r.line("Sh", "SEE ALSO")
	r.line("Xr", p.Name, "1")
	return r.String()
}

// option writes a flag.
func (r *roff) option(x *pflag.Flag) {
	value, _ := described(x)
	macro := []string{"It"}
	if x.Shorthand != "" {
		macro = append(macro, "Fl", x.Shorthand, ",")
	}
	macro = append(macro, "Fl", Escaped("-"+x.Name))
	if value != "" {
		macro = append(macro, "Ar", quoted(value))
	}
	r.line(macro...)
	r.text(withDefault(x))
}

// page returns the page of the program as a whole.
func (p *Program) page(date time.Time) string {
	var r roff
	r.head(p.Name, p.Short, date)
	r.line("Nm")
	r.line("Ar", "command")
	r.line("Op", "Ar", "flags")
	r.line("Op", "Ar", "arguments")
	r.line("Sh", "DESCRIPTION")
	r.text("Each command has its own page, and shows its flags with --help.")
	names := []string{}
	for _, g := range p.Groups {
		r.line("Ss", quoted(g.Title))
		r.line("Bl", "-tag", "-width", "completion")
		for _, v := range g.Verbs {
			r.line("It", "Cm", Escaped(v.Name))
			r.text(v.Short)
			names = append(names, Escaped(p.Name+"-"+v.Name)+" 1")
		}
		r.line("El")
	}
	r.line("Ss", "The manual")
	r.text(p.Name + " help TOPIC shows a topic of the manual.")
	r.line("Bl", "-tag", "-width", "corrections")
	for _, t := range p.topics() {
		r.line("It", "Cm", Escaped(t.Name))
		r.text(t.Short)
	}
	r.line("El")
	r.ends(p.Environment)
	r.line("Sh", "SEE ALSO")
	slices.Sort(names)
	r.line("Xr", strings.Join(names, " ,\n.Xr "))
	return r.String()
}
