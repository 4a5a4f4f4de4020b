package main

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// completionScripts are what a shell is told: each asks the program itself, so
// that what it offers is what the program takes.
//
//go:embed completion/summit.bash completion/summit.zsh completion/summit.fish
var completionScripts embed.FS

// completionWords is what the scripts ask for instead of a shell's name.
const completionWords = "words"

var completionVerb = verb{
	name: "completion", args: "SHELL", short: "what makes a shell complete verbs, flags and summits: bash, zsh, fish",
	example: "  source <(summit completion bash)\n  summit completion zsh > ~/.zfunc/_summit\n  summit completion fish > ~/.config/fish/completions/summit.fish",
	words:   map[string][]string{"SHELL": {"bash", "zsh", "fish"}},
	about: func(ctx context.Context, std streams, all []verb, args []string) error {
		if args[0] == completionWords {
			return complete(ctx, std, all)
		}
		script, err := completionScripts.ReadFile("completion/summit." + args[0])
		if err != nil {
			return usage("there is no completion for %q: bash, zsh, fish", args[0])
		}
		_, err = std.out.Write(script)
		return err
	},
}

// offer is a word that may stand next, and what it is.
type offer struct{ word, short string }

// complete reads the words of a command line, one a line, of which the last is
// to be completed, and prints what it may be: a word, a tab and what it is.
// Where nothing is printed, files are meant.
func complete(ctx context.Context, std streams, all []verb) error {
	var words []string
	lines := bufio.NewScanner(std.in)
	for lines.Scan() {
		words = append(words, lines.Text())
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the words: %w", err)
	}
	for _, o := range offers(ctx, all, words) {
		fmt.Fprintf(std.out, "%s\t%s\n", o.word, o.short)
	}
	return nil
}

// offers is what the last of the words may be.
func offers(ctx context.Context, all []verb, words []string) []offer {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	verbs := offersOf(all)
	if len(words) == 1 {
		return starting(append(verbs, offer{"help", "examples and flags of a verb, and the manual"}), last)
	}
	if words[0] == "help" && len(words) == 2 {
		for _, t := range chapters() {
			verbs = append(verbs, offer{t.Name, t.Short})
		}
		return starting(verbs, last)
	}
	i := slices.IndexFunc(all, func(v verb) bool { return v.name == words[0] })
	if i < 0 {
		return nil
	}
	return all[i].offers(ctx, words[1:])
}

func offersOf(all []verb) []offer {
	var list []offer
	for _, v := range all {
		list = append(list, offer{v.name, v.short})
	}
	return list
}

func starting(list []offer, with string) []offer {
	return slices.DeleteFunc(list, func(o offer) bool { return !strings.HasPrefix(o.word, with) })
}

// offers is what may stand next after a verb: a value of the flag before, a
// flag, or an argument.
func (v verb) offers(ctx context.Context, words []string) []offer {
	fs, _ := v.flags()
	before, last := joinValues(words)
	names := strings.Fields(v.args)
	var c client
	for i := 0; i < len(before); i++ {
		f, value, set := flagOf(fs, before[i])
		switch {
		case f == nil && len(names) > 0:
			names = names[1:]
		case f == nil || isSwitch(f):
		case !set && i == len(before)-1:
			return valuesOf(f, "", last)
		case !set:
			i++
			value = before[i]
			fallthrough
		default:
			c.note(f, value)
		}
	}
	if f, value, set := flagOf(fs, last); f != nil && set {
		return valuesOf(f, strings.TrimSuffix(last, value), value)
	}
	if strings.HasPrefix(last, "-") {
		return starting(flagOffers(fs), last)
	}
	if len(names) == 0 {
		return nil
	}
	return v.argument(ctx, &c, strings.Trim(names[0], "[]"), last)
}

// joinValues puts together --flag, = and a value, which bash hands over as
// three words, and splits off the last word.
func joinValues(words []string) (before []string, last string) {
	for i, w := range words {
		n := len(before)
		switch {
		case n > 0 && w == "=" && strings.HasPrefix(before[n-1], "-"), n > 0 && i > 0 && words[i-1] == "=":
			before[n-1] += w
		default:
			before = append(before, w)
		}
	}
	return before[:len(before)-1], before[len(before)-1]
}

// flagOf finds the flag that a word is, and the value in the same word.
func flagOf(fs *flag.FlagSet, word string) (f *flag.Flag, value string, set bool) {
	if !strings.HasPrefix(word, "-") {
		return nil, "", false
	}
	name, value, set := strings.Cut(strings.TrimLeft(word, "-"), "=")
	return fs.Lookup(name), value, set
}

func flagOffers(fs *flag.FlagSet) []offer {
	var list []offer
	fs.VisitAll(func(f *flag.Flag) {
		_, text := valueName(f)
		list = append(list, offer{"--" + f.Name, text})
	})
	return append(list, offer{"--help", "examples and flags"})
}

// valuesOf are the values of a flag that are known.
func valuesOf(f *flag.Flag, before, last string) []offer {
	s, ok := f.Value.(*suggestion)
	if !ok {
		return nil
	}
	var list []offer
	for _, w := range s.words {
		list = append(list, offer{before + w, ""})
	}
	return starting(list, before+last)
}

// note keeps the flags that say which server to ask.
func (c *client) note(f *flag.Flag, value string) {
	switch f.Name {
	case "server":
		c.server = value
	case "token":
		c.token = value
	}
}

// argument is what an argument may be.
func (v verb) argument(ctx context.Context, c *client, name, last string) []offer {
	var list []offer
	for _, w := range v.words[name] {
		list = append(list, offer{w, ""})
	}
	if fs, _ := v.flags(); name == "ID" && fs.Lookup("server") != nil && v.name != openVerb.name {
		list = c.summits(ctx)
	}
	return starting(list, last)
}

// completionWait is how long a server may take to say which summits it has: who
// types does not wait longer.
const completionWait = time.Second

// summits asks the server. What is out of reach is not offered.
func (c *client) summits(ctx context.Context) []offer {
	var known client
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	known.flags(fs)
	if c.server != "" {
		known.server = c.server
	}
	if c.token != "" {
		known.token = c.token
	}
	ctx, cancel := context.WithTimeout(ctx, completionWait)
	defer cancel()
	answer, err := known.call(ctx, http.MethodGet, "/v1/summits?limit=1000", "", nil)
	var a struct{ Summits []struct{ ID, Title string } }
	if err != nil || json.Unmarshal(answer, &a) != nil {
		return nil
	}
	var list []offer
	for _, s := range a.Summits {
		list = append(list, offer{s.ID, strings.Join(strings.Fields(s.Title), " ")})
	}
	return list
}
