package summits

// Canary is the summit that summit doctor --canary writes to. It is a summit as
// others are, with a log and views of its own, but that it is in no list and
// only operators see it: what is written to try the server must not stand among
// what it is for.
const Canary = "doctor-canary"
