package pages

import "io"

// Visitor is who reads a page.
type Visitor struct {
	// Name, Desk and Role of the token they signed in with; "" where they have
	// not.
	Name, Desk, Role string
	// Asked says that a token would let them see or do more.
	Asked bool
	// Here is the page, for the way back.
	Here string
}

// SignIn is what the sign-in form shows.
type SignIn struct {
	// Next is the page they came from, Fault why they are here.
	Next, Fault string
	Visitor     Visitor
}

// SignIn writes the form that signs in.
func (p *Templates) SignIn(w io.Writer, s SignIn) error { return execute(p.signin, w, s) }
