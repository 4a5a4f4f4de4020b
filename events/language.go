package events

import (
	"fmt"

	"golang.org/x/text/language"
)

// checkLang checks that a text is a language tag (BCP 47).
func checkLang(v string) error {
	if _, err := language.Parse(v); err != nil {
		return fmt.Errorf("must be a BCP 47 language tag, such as ru or pt-BR, not %q", clip(v))
	}
	return nil
}
