// Summit-verify checks a log or an archive with nothing but the standard library
// and the public specifications: RFC 6962 and 9162, C2SP signed-note,
// tlog-checkpoint and tlog-tiles. It shares no code with the rest of this
// module, so that where both agree, it is not because they have one fault.
//
//	go run ./cmd/summit-verify KEY FILE
//	go run ./cmd/summit-verify KEY http://127.0.0.1:8080/v1/summits/alaska-2025
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: summit-verify KEY FILE|URL")
		os.Exit(2)
	}
	key, err := parseKey(os.Args[1])
	if err == nil {
		var h head
		if strings.HasPrefix(os.Args[2], "http") {
			h, err = checkServer(os.Args[2], key)
		} else {
			h, err = checkArchive(os.Args[2], key)
		}
		if err == nil {
			fmt.Fprintf(os.Stdout, "good %d %s\n", h.size, encode(h.root))
			return
		}
	}
	fmt.Fprintln(os.Stderr, "bad:", err)
	os.Exit(1)
}
