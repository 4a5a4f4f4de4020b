package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Completion returns the verb that prints what makes a shell complete the
// program. program returns the program when the verb runs, as it is a part of it.
func Completion(program func() *Program) Verb {
	shells := []string{"bash", "zsh", "fish"}
	return Verb{
		Name: "completion", Args: "SHELL", Short: "print a script that makes a shell complete commands, flags and summits",
		Example: "source <(summit completion bash)\nsummit completion zsh > ~/.zfunc/_summit\nsummit completion fish > ~/.config/fish/completions/summit.fish",
		Words:   map[string][]string{"SHELL": shells},
		Setup: func(*Flags) Run {
			return func(_ context.Context, std Streams, args []string) error {
				root := program().command(std, nil)
				switch args[0] {
				case "bash":
					return root.GenBashCompletionV2(std.Out, true)
				case "zsh":
					return root.GenZshCompletion(std.Out)
				case "fish":
					return root.GenFishCompletion(std.Out, true)
				}
				return Usage("there is no completion for %q; the shells are %s", args[0], strings.Join(shells, ", "))
			}
		},
	}
}

// complete has a command offer the arguments of a verb and the values of its
// flags.
func (v Verb) complete(c *cobra.Command, f *Flags) {
	names := strings.Fields(v.Args)
	c.ValidArgsFunction = func(c *cobra.Command, args []string, last string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(names) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		name := strings.Trim(names[len(args)], "[]")
		switch {
		case v.Words[name] != nil:
			return completions(offersOf(v.Words[name]), last), cobra.ShellCompDirectiveNoFileComp
		case v.Complete[name] != nil:
			return completions(v.Complete[name](c.Context(), f), last), cobra.ShellCompDirectiveNoFileComp
		case strings.HasSuffix(name, "FILE"), strings.HasSuffix(name, "DIR"), name == "FROM":
			return nil, cobra.ShellCompDirectiveDefault
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	f.VisitAll(func(x *pflag.Flag) {
		words, known := f.words[x.Name]
		value, _ := described(x)
		if !known && (value == "FILE" || value == "DIR") {
			return // the shell offers files
		}
		err := c.RegisterFlagCompletionFunc(x.Name, func(_ *cobra.Command, _ []string, last string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return completions(offersOf(words), last), cobra.ShellCompDirectiveNoFileComp
		})
		if err != nil {
			panic(fmt.Sprintf("complete --%s of %s: %v", x.Name, v.Name, err)) // it is declared right above
		}
	})
}

func offersOf(words []string) []Offer {
	var list []Offer
	for _, w := range words {
		list = append(list, Offer{Word: w})
	}
	return list
}

// completions returns the offers that begin with what was typed.
func completions(offers []Offer, typed string) []cobra.Completion {
	var list []cobra.Completion
	for _, o := range offers {
		if strings.HasPrefix(o.Word, typed) {
			list = append(list, cobra.CompletionWithDesc(o.Word, strings.Join(strings.Fields(o.Short), " ")))
		}
	}
	return list
}
