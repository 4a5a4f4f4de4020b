// Package install holds what lies in deploy against those who use it: packages
// are built and installed, units verified and run by a systemd, an image is
// built and run, and the steps of an operator are walked as they are written.
//
// It is tests alone. What they need of Debian is named if it is missing.
package install
