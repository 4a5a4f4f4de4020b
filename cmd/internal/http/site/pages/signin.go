package pages

import (
	"io"
	"net/url"

	"github.com/summit-timeline/summit/cmd/internal/locale"
)

// Visitor is the reader of a page.
type Visitor struct {
	// Name, Desk and Role of the token they signed in with, or "" if they have
	// not.
	Name, Desk, Role string
	// Asked reports whether a token would let them see or do more.
	Asked bool
	// Here is the page, for the way back.
	Here string
	// Language is the one in which the page is told, nil for English, and Languages
	// those to choose from. Lang is the choice in the address, or "" if it was
	// left to the browser.
	Language  *locale.Language
	Languages []*locale.Language
	Lang      string
}

func (v Visitor) language() *locale.Language {
	if v.Language == nil {
		return locale.English()
	}
	return v.Language
}

// Tag is the language of the page, as BCP 47 has it.
func (v Visitor) Tag() string { return v.language().Tag }

// Direction is ltr or rtl.
func (v Visitor) Direction() string { return v.language().Direction }

// LanguageName is what the language of the page calls itself.
func (v Visitor) LanguageName() string { return v.language().Name() }

// LanguageChoice is a language of the page to choose.
type LanguageChoice struct {
	Tag, Name, Href string
	Chosen          bool
}

// Choices lists the languages, each with the address of this page in it.
func (v Visitor) Choices() []LanguageChoice {
	list := make([]LanguageChoice, 0, len(v.Languages))
	for _, l := range v.Languages {
		list = append(list, LanguageChoice{Tag: l.Tag, Name: l.Name(), Href: withLang(v.Here, l.Tag), Chosen: l == v.Language})
	}
	return list
}

// Link is the address of a page of this server that keeps the language chosen.
func (v Visitor) Link(path string) string {
	if v.Lang == "" {
		return path
	}
	return withLang(path, v.Lang)
}

// withLang sets the language in the address of a page.
func withLang(address, tag string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	q.Set("lang", tag)
	u.RawQuery = q.Encode()
	return u.String()
}

// SignIn is what the sign-in form shows.
type SignIn struct {
	// Next is the page they came from, Fault why they are here, in the language
	// FaultLang, "" for that of the page.
	Next, Fault, FaultLang string
	Visitor                Visitor
}

// SignIn writes the form that signs in.
func (p *Templates) SignIn(w io.Writer, s SignIn) error {
	return p.execute("signin.html", w, s.Visitor, s)
}
