// Summit follows a fast-moving summit and proves afterwards what was known
// when: facts are appended to a log that cannot be edited, folded into views,
// and served.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// The exit codes.
const (
	exitGood  = 0
	exitBad   = 1
	exitUsage = 2
	exitReach = 3
)

// exitCodes are what they mean.
var exitCodes = []string{
	exitGood: "good", exitBad: "the answer is bad, or there is none", exitUsage: "wrong usage", exitReach: "the server is out of reach",
}

// verb is one thing the program does.
type verb struct {
	name, args, short, example string
	// words are what an argument can be, by its name in args.
	words map[string][]string
	// setup declares the flags and gives what runs once they are parsed.
	setup func(fs *flag.FlagSet) act
	// about is instead of setup for a verb that tells of all verbs.
	about func(ctx context.Context, std streams, all []verb, args []string) error
}

// act is what a verb does.
type act = func(ctx context.Context, std streams, args []string) error

// streams are the standard streams.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

var verbs = []verb{
	serveVerb, openVerb, recordVerb, importVerb, ingestVerb, timelineVerb, statusVerb, changesVerb, factsVerb,
	followVerb, replayVerb, auditVerb, exportVerb, verifyVerb, restoreVerb, snapshotVerb, witnessVerb,
	keygenVerb, tokenVerb, doctorVerb, completionVerb, manVerb, versionVerb,
}

// codeError is an error with an exit code of its own.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string { return e.err.Error() }
func (e *codeError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &codeError{exitUsage, fmt.Errorf(format, args...)}
}

func main() {
	go sparing(context.Background())
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

func run(args []string, std streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(args) == 0 {
		help(std.err)
		return exitUsage
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		if len(args) == 1 {
			help(std.out)
			return exitGood
		}
		if _, isVerb := find(args[1]); !isVerb {
			return helpOn(std, args[1])
		}
		args = []string{args[1], "--help"}
	}
	v, ok := find(args[0])
	if !ok {
		fmt.Fprintf(std.err, "summit: there is no verb %q; summit help lists them\n", args[0])
		return exitUsage
	}
	return report(std, v, v.do(ctx, std, args[1:]))
}

func find(name string) (verb, bool) {
	for _, v := range verbs {
		if v.name == name {
			return v, true
		}
	}
	return verb{}, false
}

func report(std streams, v verb, err error) int {
	var code *codeError
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, flag.ErrHelp):
		return exitGood
	case errors.As(err, &code):
		fmt.Fprintf(std.err, "summit %s: %s\n", v.name, plainly(err))
		if code.code == exitUsage {
			fmt.Fprintf(std.err, "try: summit help %s\n", v.name)
		}
		return code.code
	}
	fmt.Fprintf(std.err, "summit %s: %s\n", v.name, plainly(err))
	return exitBad
}

// plainly is what an error says: a server or a file may have worded it, and it
// must not command the terminal.
func plainly(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for n, line := range lines {
		lines[n] = clean(line)
	}
	return strings.Join(lines, "\n")
}

// do parses flags and positional arguments in any order and runs the verb.
func (v verb) do(ctx context.Context, std streams, args []string) error {
	fs, act := v.flags()
	if v.about != nil {
		act = func(ctx context.Context, std streams, args []string) error { return v.about(ctx, std, verbs, args) }
	}
	var positional []string
	for {
		if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
			v.help(std.out, fs)
			return err
		} else if err != nil {
			return usage("%v", err)
		}
		if fs.NArg() == 0 {
			break
		}
		positional, args = append(positional, fs.Arg(0)), fs.Args()[1:]
	}
	least, most := v.arguments()
	if len(positional) < least || len(positional) > most {
		return usage("takes %d arguments (%s), not %d", most, v.args, len(positional))
	}
	return act(ctx, std, positional)
}

// flags declares the flags: what is parsed, and what help, man pages and
// completion tell of.
func (v verb) flags() (*flag.FlagSet, act) {
	fs := flag.NewFlagSet(v.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	if v.setup == nil {
		return fs, nil
	}
	return fs, v.setup(fs)
}

// arguments is how many it takes; those in brackets may be left out.
func (v verb) arguments() (least, most int) {
	names := strings.Fields(v.args)
	return len(names) - strings.Count(v.args, "["), len(names)
}

// wordsOf says what the arguments can be whose words are known.
func (v verb) wordsOf() []string {
	var list []string
	for a := range strings.FieldsSeq(v.args) {
		if a = strings.Trim(a, "[]"); v.words[a] != nil {
			list = append(list, a+": "+strings.Join(v.words[a], ", ")+".")
		}
	}
	return list
}

func (v verb) help(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(w, "summit %s %s\n  %s\n", v.name, v.args, v.short)
	for _, said := range v.wordsOf() {
		fmt.Fprintf(w, "  %s\n", said)
	}
	fmt.Fprintf(w, "\nFor example:\n%s\n\nFlags:\n", v.example)
	fs.SetOutput(w)
	fs.PrintDefaults()
}

// programShort is what the program is.
const programShort = "follows a summit and proves what was known when"

func help(w io.Writer) {
	fmt.Fprint(w, "summit: "+programShort+".\n\n")
	for _, v := range verbs {
		fmt.Fprintf(w, "  %-10s %-15s %s\n", v.name, v.args, v.short)
	}
	fmt.Fprint(w, "\nThe manual, by topic:\n\n")
	for _, t := range chapters() {
		fmt.Fprintf(w, "  %-13s %s\n", t.Name, t.Title)
	}
	fmt.Fprint(w, "\nTry it: summit serve --demo, then open the page it prints. summit help VERB shows examples, summit help TOPIC the manual.\n")
}
