package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

var manVerb = verb{
	name: "man", args: "DIR", short: "write the man pages into a folder: summit(1), and one a verb",
	example: "  summit man /usr/local/share/man/man1\n  man summit-serve",
	about: func(_ context.Context, std streams, all []verb, args []string) error {
		date, err := manDate()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // man pages are for everybody
			return fmt.Errorf("write the man pages: %w", err)
		}
		pages := map[string]string{"summit.1": programPage(all, date)}
		for _, v := range all {
			pages["summit-"+v.name+".1"] = v.page(date)
		}
		for name, text := range pages {
			if err := os.WriteFile(filepath.Join(args[0], name), []byte(text), 0o644); err != nil { //nolint:gosec // as above
				return fmt.Errorf("write the man pages: %w", err)
			}
		}
		fmt.Fprintf(std.out, "%d pages in %s\n", len(pages), args[0])
		return nil
	},
}

// manDate is the date on the pages: SOURCE_DATE_EPOCH where it is set, so that
// a package can be built again to the byte, else that of the revision.
func manDate() (time.Time, error) {
	if s := os.Getenv("SOURCE_DATE_EPOCH"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return time.Time{}, usage("SOURCE_DATE_EPOCH=%s: %v", s, errors.Unwrap(err))
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
func quoted(s string) string { return `"` + strings.ReplaceAll(escaped(s), `"`, `\(dq`) + `"` }

// escaped is text that roff prints as it is.
func escaped(s string) string {
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
			r.WriteString(escaped(line) + "\n")
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	r.WriteString(escaped(line) + "\n")
}

func (r *roff) head(title, short string, date time.Time) {
	r.line("Dd", date.Format("January 2, 2006"))
	r.line("Dt", strings.ToUpper(title), "1")
	r.line("Os")
	r.line("Sh", "NAME")
	r.line("Nm", escaped(title))
	r.line("Nd", escaped(short))
	r.line("Sh", "SYNOPSIS")
}

// ends are the sections that all pages have.
func (r *roff) ends() {
	r.line("Sh", "ENVIRONMENT")
	r.line("Bl", "-tag", "-width", "SUMMIT_SERVER")
	for _, e := range [][2]string{{serverEnv, "the server, where --server is not given"}, {tokenEnv, "the token, where --token is not given"}} {
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

// page is the man page of a verb.
func (v verb) page(date time.Time) string {
	var r roff
	fs, _ := v.flags()
	r.head("summit-"+v.name, v.short, date)
	r.line("Nm", quoted("summit "+v.name))
	if hasFlags(fs) {
		r.line("Op", "Ar", "flags")
	}
	for a := range strings.FieldsSeq(v.args) {
		if name := strings.Trim(a, "[]"); name != a {
			r.line("Op", "Ar", quoted(name))
		} else {
			r.line("Ar", quoted(a))
		}
	}
	r.line("Sh", "DESCRIPTION")
	r.text("Flags and arguments may stand in any order.")
	for _, said := range v.wordsOf() {
		r.text(said)
	}
	if hasFlags(fs) {
		r.line("Bl", "-tag", "-width", "Ds")
		fs.VisitAll(r.option)
		r.line("El")
	}
	r.ends()
	r.line("Sh", "EXAMPLES")
	r.line("Bd", "-literal")
	for l := range strings.SplitSeq(v.example, "\n") {
		r.WriteString(escaped(l) + "\n")
	}
	r.line("Ed")
	r.line("Sh", "SEE ALSO")
	r.line("Xr", "summit", "1")
	return r.String()
}

func hasFlags(fs *flag.FlagSet) (has bool) {
	fs.VisitAll(func(*flag.Flag) { has = true })
	return has
}

func (r *roff) option(f *flag.Flag) {
	name, text := valueName(f)
	if name == "" {
		r.line("It", "Fl", escaped("-"+f.Name))
	} else {
		r.line("It", "Fl", escaped("-"+f.Name), "Ar", quoted(name))
	}
	if !slices.Contains([]string{"", "false", "0", "0s"}, f.DefValue) {
		text += " (default " + f.DefValue + ")"
	}
	r.text(text)
}

// programPage is the page of the program as a whole.
func programPage(all []verb, date time.Time) string {
	var r roff
	r.head("summit", programShort, date)
	r.line("Nm")
	r.line("Ar", "verb")
	r.line("Op", "Ar", "flags")
	r.line("Op", "Ar", "arguments")
	r.line("Sh", "DESCRIPTION")
	r.text("Each verb has a page of its own, and tells its flags with --help.")
	r.line("Bl", "-tag", "-width", "completion")
	for _, v := range all {
		r.line("It", "Cm", escaped(v.name))
		r.text(v.short)
	}
	r.line("El")
	r.line("Pp")
	r.text("The manual has these topics; summit help TOPIC shows one.")
	r.line("Bl", "-tag", "-width", "corrections")
	for _, t := range chapters() {
		r.line("It", "Cm", escaped(t.Name))
		r.text(t.Short)
	}
	r.line("El")
	r.ends()
	r.line("Sh", "SEE ALSO")
	var names []string
	for _, v := range all {
		names = append(names, escaped("summit-"+v.name)+" 1")
	}
	slices.Sort(names)
	r.line("Xr", strings.Join(names, " ,\n.Xr "))
	return r.String()
}
