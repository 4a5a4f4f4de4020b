package durable

import "os"

// SyncData brings the content of a file to the disk, and of what is known about the
// file only what reading the content needs, such as its size. It costs less than
// [os.File.Sync].
func SyncData(f *os.File) error { return syncData(f) }
