package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/summit-timeline/summit/events"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Run runs the program until it ends or is told to stop, and returns its exit
// code.
func (p *Program) Run(args []string, std Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return p.RunContext(ctx, args, std)
}

// RunContext runs the program until it ends or ctx does, and returns its exit
// code.
func (p *Program) RunContext(ctx context.Context, args []string, std Streams) int {
	root := p.command(std, args)
	root.SetArgs(args)
	if len(args) == 0 {
		p.help(std.Err)
		return Misused
	}
	ran, err := root.ExecuteContextC(ctx)
	p.report(std, ran, err)
	return codeOf(err)
}

// report prints an error; one of usage with a line that would have worked.
func (p *Program) report(std Streams, ran *cobra.Command, err error) {
	if err == nil {
		return
	}
	fmt.Fprintf(std.Err, "%s: %s\n", ran.CommandPath(), plain(err))
	if codeOf(err) != Misused {
		return
	}
	if v, ok := p.verb(ran.Name()); ok {
		fmt.Fprintf(std.Err, "for example: %s\n", strings.TrimSpace(firstLine(v.Example)))
		fmt.Fprintf(std.Err, "try: %s help %s\n", p.Name, v.Name)
	} else {
		fmt.Fprintf(std.Err, "try: %s help\n", p.Name)
	}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// asksForCompletion reports whether a shell asks what it could offer.
func asksForCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// command returns the tree of commands: of all verbs, or of the one that the
// arguments name. The values of flags are offered only where a shell asks: cobra
// keeps what is declared for that, for as long as the process runs.
func (p *Program) command(std Streams, args []string) *cobra.Command {
	var only string
	if len(args) > 0 {
		named, _ := p.verb(args[0])
		only = named.Name
	}
	root := &cobra.Command{
		Use: p.Name, Short: p.Short, Version: p.Version, SilenceUsage: true, SilenceErrors: true,
		Args: cobra.ArbitraryArgs, RunE: p.unknown, SuggestionsMinimumDistance: 2,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.SetHelpCommand(p.helpCommand(std))
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { p.helpOn(std, c) })
	root.SetFlagErrorFunc(badFlag)
	for _, g := range p.Groups {
		root.AddGroup(&cobra.Group{ID: g.Title, Title: g.Title})
		for _, v := range g.Verbs {
			if only != "" && v.Name != only {
				continue
			}
			c := p.verbCommand(v, std, asksForCompletion(args))
			c.GroupID = g.Title
			root.AddCommand(c)
		}
	}
	return root
}

// unknown refuses a verb that there is not.
func (p *Program) unknown(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return Usage("no command given")
	}
	var names []string
	for _, v := range p.Verbs() {
		names = append(names, v.Name)
	}
	text := fmt.Sprintf("unknown command %q", args[0])
	near := events.OrNearest(args[0], names)
	if list := c.SuggestionsFor(args[0]); near == "" && len(list) > 0 {
		near = "; did you mean " + list[0] + "?"
	}
	return Usage("%s%s", text, near)
}

// verbCommand returns the command of a verb.
func (p *Program) verbCommand(v Verb, std Streams, offers bool) *cobra.Command {
	f, run := v.declare()
	c := &cobra.Command{
		Use: strings.TrimSpace(v.Name + " " + v.Args), Short: v.Short, Example: v.Example, DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error { return v.checkArgs(p.Name, args) },
		RunE: func(c *cobra.Command, args []string) error { return run(c.Context(), std, args) },
	}
	c.Flags().SortFlags = false
	c.Flags().AddFlagSet(f.FlagSet)
	if offers {
		v.complete(c, f)
	}
	return c
}

// declare declares the flags of a verb, and returns what runs.
func (v Verb) declare() (*Flags, Run) {
	f := newFlags(v.Name)
	run := v.Setup(f)
	f.settle()
	return f, run
}

// Flags returns the flags of a verb.
func (v Verb) Flags() *Flags {
	f, _ := v.declare()
	return f
}

// checkArgs refuses too few or too many arguments.
func (v Verb) checkArgs(program string, args []string) error {
	names := strings.Fields(v.Args)
	least := len(names) - strings.Count(v.Args, "[")
	switch {
	case len(args) < least:
		return Usage("%s is missing: %s %s %s", names[len(args)], program, v.Name, v.Args)
	case len(args) > len(names) && len(names) == 0:
		return Usage("unexpected argument %q: %s %s takes no arguments", args[0], program, v.Name)
	case len(args) > len(names):
		return Usage("unexpected argument %q: usage: %s %s %s", args[len(names)], program, v.Name, v.Args)
	}
	return nil
}

// badFlag words the errors of flags.
func badFlag(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(c, unknown)
	case errors.As(err, &lacking):
		value, _ := described(lacking.GetFlag())
		return Usage("--%s needs a value: --%s %s", lacking.GetFlag().Name, lacking.GetFlag().Name, value)
	case errors.As(err, &bad):
		return Usage("--%s %q: %v", bad.GetFlag().Name, bad.GetValue(), bad.Unwrap())
	}
	return Usage("%v", err)
}

// unknownFlag names the flag that was meant. A long flag after one dash is told
// from letters that each are a flag.
func unknownFlag(c *cobra.Command, e *pflag.NotExistError) error {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	given, dashes := e.GetSpecifiedName(), "--"
	if letters := e.GetSpecifiedShortnames(); letters != "" {
		given, dashes = letters, "-"
		if name, _, _ := strings.Cut(letters, "="); c.Flags().Lookup(name) != nil {
			return Usage("-%s has two dashes: --%s", name, name)
		}
	}
	near := events.Nearest(given, names)
	if near != "" {
		near = "; did you mean --" + near + "?"
	}
	return Usage("unknown flag %s%s%s", dashes, given, near)
}
