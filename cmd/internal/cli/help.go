package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/summit-timeline/summit/events"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpCommand shows help on a verb, or a topic of the manual.
func (p *Program) helpCommand(std Streams) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND|TOPIC]", Short: "show the flags and examples of a command, or a topic of the manual",
		Args: cobra.MaximumNArgs(1), SilenceUsage: true,
		ValidArgsFunction: func(_ *cobra.Command, args []string, last string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completions(append(p.verbOffers(), p.topicOffers()...), last), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				p.help(std.Out)
				return nil
			}
			if v, ok := p.verb(args[0]); ok {
				p.helpVerb(std.Out, v)
				return nil
			}
			if t, ok := p.topic(args[0]); ok {
				fmt.Fprint(std.Out, t.Text(textWidth(std.Out), Coloured(std.Out)))
				return nil
			}
			return p.noHelp(args[0])
		},
	}
}

func (p *Program) noHelp(name string) error {
	var names []string
	for _, o := range append(p.verbOffers(), p.topicOffers()...) {
		names = append(names, o.Word)
	}
	return Usage("unknown command or topic %q%s", name, events.OrNearest(name, names))
}

func (p *Program) verbOffers() []Offer {
	var list []Offer
	for _, v := range p.Verbs() {
		list = append(list, Offer{v.Name, v.Short})
	}
	return list
}

func (p *Program) topicOffers() []Offer {
	var list []Offer
	for _, t := range p.topics() {
		list = append(list, Offer{t.Name, t.Short})
	}
	return list
}

// helpOn shows help where --help was given.
func (p *Program) helpOn(std Streams, c *cobra.Command) {
	if v, ok := p.verb(c.Name()); ok {
		p.helpVerb(std.Out, v)
		return
	}
	p.help(std.Out)
}

// help lists the verbs by purpose, and the topics of the manual.
func (p *Program) help(w io.Writer) {
	fmt.Fprintf(w, "%s %s.\n\nUsage: %s COMMAND [ARGUMENTS] [FLAGS]\n", p.Name, p.Short, p.Name)
	indent := 0
	for _, o := range append(p.verbOffers(), p.topicOffers()...) {
		indent = max(indent, len(o.Word)+4)
	}
	line := func(o Offer) { fmt.Fprintf(w, "  %-*s%s\n", indent-2, o.Word, Wrap(w, o.Short, indent)) }
	for _, g := range p.Groups {
		fmt.Fprintf(w, "\n%s\n", Paint(Coloured(w), Bold, g.Title))
		for _, v := range g.Verbs {
			line(Offer{v.Name, v.Short})
		}
	}
	if topics := p.topics(); len(topics) > 0 {
		fmt.Fprintf(w, "\n%s\n", Paint(Coloured(w), Bold, "The manual"))
		for _, t := range topics {
			line(Offer{t.Name, t.Title})
		}
	}
	fmt.Fprintf(w, "\n%s help COMMAND shows examples and flags, %s help TOPIC a topic of the manual.\n%s\n", p.Name, p.Name, p.Hint)
}

// helpVerb shows the arguments, examples and flags of a verb.
func (p *Program) helpVerb(w io.Writer, v Verb) {
	f := v.Flags()
	head := func(title string) { fmt.Fprintf(w, "\n%s\n", Paint(Coloured(w), Bold, title)) }
	usage := strings.TrimSpace(p.Name + " " + v.Name + " " + v.Args)
	if f.HasFlags() {
		usage += " [FLAGS]"
	}
	fmt.Fprintf(w, "Usage: %s\n\n%s\n", usage, Wrap(w, capital(v.Short)+".", 0))
	for _, line := range v.wordLines() {
		fmt.Fprintln(w, Wrap(w, line, 0))
	}
	head("Examples")
	for line := range strings.SplitSeq(v.Example, "\n") {
		fmt.Fprintf(w, "  %s\n", strings.TrimSpace(line))
	}
	for _, section := range f.sections {
		head(section)
		t := NewTable(w)
		f.in(section).VisitAll(func(x *pflag.Flag) { t.Row("  "+typed(x), withDefault(x)) })
		_ = t.Flush() // help that cannot be written is not read
	}
}

// wordLines lists what the arguments can be whose words are known.
func (v Verb) wordLines() []string {
	var list []string
	for a := range strings.FieldsSeq(v.Args) {
		if a = strings.Trim(a, "[]"); v.Words[a] != nil {
			list = append(list, a+" is one of: "+strings.Join(v.Words[a], ", ")+".")
		}
	}
	return list
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
