package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Flags are the flags of a verb, in sections. A word in backquotes in a
// description names the value: "`FILE` of the key".
type Flags struct {
	*pflag.FlagSet
	section  string
	sections []string // in the order in which help shows them
	last     string   // the section that is shown after all others
	of       map[string]string
	words    map[string][]string
}

func newFlags(name string) *Flags {
	fs := pflag.NewFlagSet(name, pflag.ContinueOnError)
	fs.SortFlags = false
	return &Flags{FlagSet: fs, section: "Flags", of: map[string]string{}, words: map[string][]string{}}
}

// Section has the flags that are declared from now on stand under a title.
func (f *Flags) Section(title string) {
	f.settle()
	f.section = title
}

// Footer declares flags in a section that is shown after all others.
func (f *Flags) Footer(title string, declare func()) {
	before := f.section
	f.Section(title)
	f.last = title
	declare()
	f.Section(before)
}

// settle puts the flags that have no section yet into the current one.
func (f *Flags) settle() {
	f.VisitAll(func(x *pflag.Flag) {
		if _, has := f.of[x.Name]; has {
			return
		}
		if !slices.Contains(f.sections, f.section) {
			f.sections = append(f.sections, f.section)
		}
		f.of[x.Name] = f.section
	})
	if i := slices.Index(f.sections, f.last); i >= 0 {
		f.sections = append(slices.Delete(f.sections, i, i+1), f.last)
	}
}

// in returns the flags of a section.
func (f *Flags) in(section string) *pflag.FlagSet {
	fs := pflag.NewFlagSet(section, pflag.ContinueOnError)
	fs.SortFlags = false
	f.VisitAll(func(x *pflag.Flag) {
		if f.of[x.Name] == section {
			fs.AddFlag(x)
		}
	})
	return fs
}

// Choice declares a flag whose values are known: completion offers them. What is
// in to already is the default.
func (f *Flags) Choice(to *string, name string, words []string, description string) {
	f.StringVar(to, name, *to, description)
	f.words[name] = words
}

// Values names the values of a flag for completion.
func (f *Flags) Values(name string, words []string) { f.words[name] = words }

// JSON declares the flag that has a verb print its answer as JSON.
func (f *Flags) JSON(to *bool) { f.BoolVar(to, "json", false, "print the answer as JSON") }

// Shared has a flag that depends on the environment show a default that does not:
// help and man pages are the same for everybody, and disclose no secret.
func (f *Flags) Shared(name, value string) { f.Lookup(name).DefValue = value }

// plainWords are what descriptions call a value, where its name is not a word.
var plainWords = map[string]string{
	"DIR": "folder", "HOST:PORT": "address", "KIND/ID": "entity", "ID=NAME": "id and name", "FIELD=VALUE": "value",
	"URL": "URL", "UUID": "UUID", "JSON": "JSON",
}

// described returns the name of the value of a flag, or "" if it takes none, and
// its description.
func described(x *pflag.Flag) (value, text string) {
	before, rest, quoted := strings.Cut(x.Usage, "`")
	name, after, closed := strings.Cut(rest, "`")
	if !quoted || !closed {
		value, text = pflag.UnquoteUsage(x)
		return strings.ToUpper(value), strings.TrimSpace(text)
	}
	word := strings.ToLower(name)
	if w, ok := plainWords[name]; ok {
		word = w
	}
	return name, strings.TrimSpace(before + word + after)
}

// withDefault returns the description of a flag with its default.
func withDefault(x *pflag.Flag) string {
	_, text := described(x)
	switch x.DefValue {
	case "", "false", "0", "0s", "[]":
		return text
	}
	return text + " (default " + x.DefValue + ")"
}

// typed returns how a flag is typed.
func typed(x *pflag.Flag) string {
	text := "    --" + x.Name
	if x.Shorthand != "" {
		text = "-" + x.Shorthand + ", --" + x.Name
	}
	if value, _ := described(x); value != "" {
		text += " " + value
	}
	return text
}
