package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// checkServer reads a whole log over HTTP, and asks for proofs about it.
func checkServer(base string, k key) (h head, err error) {
	get := func(path string) ([]byte, error) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, base+"/"+path, http.NoBody)
		if err != nil {
			return nil, err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s %s", path, res.Status, b)
		}
		return b, errors.Join(err, res.Body.Close())
	}
	h, all, err := signedLog(get, k)
	if err != nil {
		return h, err
	}
	for n := 1; n <= h.size; n = 2*n + n%3 {
		if err := proofs(n, h, all, k, get); err != nil {
			return h, fmt.Errorf("at %d: %w", n, err)
		}
	}
	return h, nil
}

// proofs checks what the server says of its first n events.
func proofs(n int, h head, all [][32]byte, k key, get func(string) ([]byte, error)) error {
	note, err := get(fmt.Sprintf("checkpoint?size=%d", n))
	if err != nil {
		return err
	}
	old, err := k.checkpoint(note)
	if err != nil {
		return err
	}
	if old.size != n || old.root != root(all[:n]) {
		return errors.New("the checkpoint is not that of the entries")
	}
	if err := grown(n, h, old, get); err != nil {
		return err
	}
	return held(n, h, all, get)
}

// grown checks the proof that the tree of size n became that of the head.
func grown(n int, h, old head, get func(string) ([]byte, error)) error {
	var p struct {
		From, To int
		RootFrom string `json:"root_from"`
		RootTo   string `json:"root_to"`
		Hashes   []string
	}
	if err := fetch(get, fmt.Sprintf("proof/consistency?from=%d&to=%d", n, h.size), &p); err != nil {
		return err
	}
	path, err := hashes(p.Hashes)
	if err != nil {
		return err
	}
	if p.From != n || p.To != h.size || p.RootFrom != encode(old.root) || p.RootTo != encode(h.root) {
		return errors.New("the consistency proof is of something else")
	}
	return consistent(n, h.size, path, old.root, h.root)
}

// held checks the proof that the n-th entry is in the tree of the head.
func held(n int, h head, all [][32]byte, get func(string) ([]byte, error)) error {
	var p struct {
		Index, Size int
		Leaf, Root  string
		Hashes      []string
	}
	if err := fetch(get, fmt.Sprintf("proof/inclusion?seq=%d&size=%d", n, h.size), &p); err != nil {
		return err
	}
	path, err := hashes(p.Hashes)
	if err != nil {
		return err
	}
	if p.Index != n-1 || p.Size != h.size || p.Leaf != encode(all[n-1]) || p.Root != encode(h.root) {
		return errors.New("the inclusion proof is of something else")
	}
	return included(n-1, h.size, all[n-1], path, h.root)
}

func fetch(get func(string) ([]byte, error), path string, into any) error {
	b, err := get(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func hashes(list []string) ([][32]byte, error) {
	var out [][32]byte
	for _, text := range list {
		h, err := decode(text)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}
