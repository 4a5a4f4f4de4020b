// Package durable replaces files so that a crash or a loss of power leaves the
// old content or the new one, and never a part of either.
//
// The doors are [WriteFile] and [Replace].
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// WriteFile replaces a file with data. Once it returns nil the data survives a
// loss of power.
func WriteFile(path string, data []byte, perm os.FileMode) error {
	return Replace(path, perm, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// Replace replaces a file with what write puts into a temporary one beside it.
// Where write fails, the file stays as it was.
func Replace(path string, perm os.FileMode, write func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = fill(f, perm, write)
	if err == nil {
		err = Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // it is half a file, or has its new name already
	}
	return err
}

// fill writes the file and brings it to the disk before it closes it.
func fill(f *os.File, perm os.FileMode, write func(*os.File) error) error {
	err := write(f)
	if err == nil {
		err = f.Chmod(perm)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Rename renames a file and syncs the folder that holds it, so that the new
// name survives a loss of power. Both names are in one folder.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err //nolint:wrapcheck // it names both files
	}
	return SyncDir(filepath.Dir(to))
}

// SyncDir brings the names in a folder to the disk, where the system can.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" { // folders cannot be synced there
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync the folder: %w", err)
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) { // some file systems cannot
		err = nil
	}
	return errors.Join(err, d.Close())
}
