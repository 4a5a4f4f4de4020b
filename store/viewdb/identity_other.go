//go:build !unix

package viewdb

// identityOf does not tell files apart here.
func identityOf(string) uint64 { return 0 }
