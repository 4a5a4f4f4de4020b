package main

import "flag"

// suggestion is a flag whose likely values are known: completion offers them.
// What it is given is held against the rules by who uses it.
type suggestion struct {
	to    *string
	words []string
}

// suggest declares such a flag.
func suggest(fs *flag.FlagSet, to *string, name string, words []string, usage string) {
	fs.Var(&suggestion{to, words}, name, usage)
}

func (s *suggestion) String() string {
	if s.to == nil { // as package flag makes one to ask for the zero value
		return ""
	}
	return *s.to
}

// Set takes a value.
func (s *suggestion) Set(v string) error {
	*s.to = v
	return nil
}

// valueName is what help calls the value of a flag, and what is said of it.
func valueName(f *flag.Flag) (name, usage string) {
	name, usage = flag.UnquoteUsage(f)
	if _, ok := f.Value.(*suggestion); ok {
		name = "string"
	}
	return name, usage
}

// isSwitch says whether a flag stands alone.
func isSwitch(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}
