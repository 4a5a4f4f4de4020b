package main

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// tilePath is the path of C2SP tlog-tiles.
func tilePath(level string, index, width int) string {
	path := fmt.Sprintf("%03d", index%1000)
	for index /= 1000; index > 0; index /= 1000 {
		path = fmt.Sprintf("x%03d/%s", index%1000, path)
	}
	path = "tile/" + level + "/" + path
	if width < 256 {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

// leaves reads every entry out of its bundle, and holds all tiles of hashes
// against what they must be.
func leaves(size int, get func(path string) ([]byte, error)) ([][32]byte, error) {
	var all [][32]byte
	for first := 0; first < size; first += 256 {
		width := min(256, size-first)
		b, err := get(tilePath("entries", first/256, width))
		if err != nil {
			return nil, err
		}
		for range width {
			if len(b) < 2 || len(b) < 2+int(binary.BigEndian.Uint16(b)) {
				return nil, fmt.Errorf("the bundle of %d is cut off", first)
			}
			n := int(binary.BigEndian.Uint16(b))
			all, b = append(all, leaf(b[2:2+n])), b[2+n:]
		}
		if len(b) > 0 {
			return nil, fmt.Errorf("the bundle of %d is too long", first)
		}
	}
	row := all
	for level := 0; len(row) > 0; level++ {
		if err := tiles(level, row, get); err != nil {
			return nil, err
		}
		var up [][32]byte
		for i := 0; i+256 <= len(row); i += 256 {
			up = append(up, root(row[i:i+256]))
		}
		row = up
	}
	return all, nil
}

func tiles(level int, row [][32]byte, get func(path string) ([]byte, error)) error {
	for i := 0; i < len(row); i += 256 {
		part := row[i:min(i+256, len(row))]
		path := tilePath(fmt.Sprint(level), i/256, len(part))
		b, err := get(path)
		if err != nil {
			return err
		}
		var want []byte
		for _, h := range part {
			want = append(want, h[:]...)
		}
		if string(b) != string(want) {
			return fmt.Errorf("%s does not hold the hashes of what is below it", path)
		}
	}
	return nil
}

func checkArchive(file string, k key) (h head, err error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return h, err
	}
	defer z.Close()
	get := func(path string) ([]byte, error) {
		f, err := z.Open(path)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(f)
		return b, errors.Join(err, f.Close())
	}
	h, _, err = signedLog(get, k)
	return h, err
}

// signedLog reads a signed head and all leaves below it, and compares them.
func signedLog(get func(path string) ([]byte, error), k key) (h head, all [][32]byte, err error) {
	note, err := get("checkpoint")
	if err != nil {
		return h, nil, err
	}
	if h, err = k.checkpoint(note); err != nil {
		return h, nil, err
	}
	if all, err = leaves(h.size, get); err != nil {
		return h, nil, err
	}
	if root(all) != h.root {
		return h, nil, errors.New("the entries do not come to the signed root")
	}
	return h, all, nil
}
