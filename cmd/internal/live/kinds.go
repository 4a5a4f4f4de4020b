package live

// FrameKind is a kind of frame about the stream itself. The views make the others.
type FrameKind struct {
	Name, Doc string
	// Data is a value of the type of its JSON.
	Data any
}

// FrameKinds returns every kind of frame about the stream.
func FrameKinds() []FrameKind {
	type at struct {
		Position string `json:"position"`
	}
	type ticked struct {
		Position string `json:"position"`
		Time     string `json:"time"`
	}
	type gapped struct {
		Asked       string `json:"asked"`
		ServingFrom string `json:"serving_from"`
		Reason      string `json:"reason"`
	}
	type lags struct {
		Position string `json:"position"`
		Head     string `json:"head"`
	}
	type refusal struct {
		Reason string `json:"reason"`
	}
	return []FrameKind{
		{frameCaughtUp, "The backlog is sent; what follows is new.", at{}},
		{frameTick, "Every 15 seconds of a quiet stream, without an id.", ticked{}},
		{frameGap, "The position asked for is of another history, or beyond the head.", gapped{}},
		{frameLagging, "The last frame for a reader that cannot keep up.", lags{}},
		{frameRefused, "The last frame for a reader who may read no more.", refusal{}},
	}
}

const (
	frameCaughtUp = "caught-up"
	frameTick     = "tick"
	frameGap      = "gap"
	frameLagging  = "lagging"
	frameRefused  = "refused"
)
