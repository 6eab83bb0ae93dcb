// Judges what the province's log writes with Go's own reading of it (golang.org/x/mod/sumdb, the code
// behind the checksum database): signed notes, inclusion and consistency.
//
//	tlog-judge proof VKEY ENTRY < proof.tlog-proof
//	tlog-judge since VKEY OLD_CHECKPOINT < consistency
//	tlog-judge leaf VKEY LEAF_LINE < tlog-proof of a page (the batch's tree, in `extra`)
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type head struct {
	size int64
	root tlog.Hash
}

func main() {
	input, err := io.ReadAll(os.Stdin)
	must(err)
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	switch os.Args[1] {
	case "proof":
		proof(string(input), verifier, os.Args[3])
	case "since":
		since(string(input), verifier, os.Args[3])
	case "leaf":
		leaf(string(input), verifier, os.Args[3])
	default:
		fail("what?")
	}
	fmt.Println("ok")
}

func proof(text string, verifier note.Verifier, entry string) {
	before, checkpoint, found := strings.Cut(text, "\n\n")
	demand(found, "an empty line")
	lines := strings.Split(before, "\n")
	demand(lines[0] == "c2sp.org/tlog-proof@v1", "the first line")
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	number, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	must(err)
	log := open(checkpoint, verifier)
	must(tlog.CheckRecord(hashes(lines[1:]), log.size, log.root, number, tlog.RecordHash([]byte(entry))))
}

func since(text string, verifier note.Verifier, old string) {
	before, checkpoint, found := strings.Cut(text, "\n\n")
	demand(found, "an empty line")
	kept, err := os.ReadFile(old)
	must(err)
	then, now := open(string(kept), verifier), open(checkpoint, verifier)
	lines := strings.Split(before, "\n")
	demand(lines[0] == fmt.Sprintf("old %d", then.size), "the old size")
	must(tlog.CheckTree(hashes(lines[1:]), now.size, now.root, then.size, then.root))
}

// leaf leads a page up the batch's tree by Go's code, and from there up the log.
func leaf(text string, verifier note.Verifier, line string) {
	_, rest, found := strings.Cut(text, "\nextra ")
	demand(found, "extra data")
	encoded, _, _ := strings.Cut(rest, "\n")
	own, err := base64.StdEncoding.DecodeString(encoded)
	must(err)
	var batch, said string
	var index, leaves, steps int64
	for {
		end := bytes.IndexByte(own, '\n')
		name, value, _ := strings.Cut(string(own[:end]), " ")
		own = own[end+1:]
		switch name {
		case "batch":
			batch = value
		case "leaf":
			said = value
		case "index":
			_, err = fmt.Sscanf(value, "%d of %d", &index, &leaves)
			must(err)
		case "path":
			steps, err = strconv.ParseInt(value, 10, 64)
			must(err)
		}
		if name == "path" {
			break
		}
	}
	demand(said == line && int64(len(own)) == 32*steps, "the leaf and its path")
	var path tlog.RecordProof
	for at := int64(0); at < steps; at++ {
		var hash tlog.Hash
		copy(hash[:], own[32*at:])
		path = append(path, hash)
	}
	root := climb(path, leaves, index, tlog.RecordHash([]byte(line)))
	entry := fmt.Sprintf("sohoa.v1 batch %s %s %d", batch, hex.EncodeToString(root[:]), leaves)
	proof(text, verifier, entry)
	must(tlog.CheckRecord(path, leaves, root, index, tlog.RecordHash([]byte(line))))
}

// climb is RFC 9162, 2.1.3.2: CheckRecord wants to be told the root that it is held against.
func climb(path tlog.RecordProof, leaves, index int64, node tlog.Hash) tlog.Hash {
	at, last := index, leaves-1
	for _, sibling := range path {
		if at&1 == 1 || at == last {
			node = tlog.NodeHash(sibling, node)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			node = tlog.NodeHash(node, sibling)
		}
		at, last = at>>1, last>>1
	}
	return node
}

func open(checkpoint string, verifier note.Verifier) head {
	signed, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\n")
	demand(lines[0] == verifier.Name(), "the origin")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return head{size, root}
}

func hashes(lines []string) []tlog.Hash {
	var all []tlog.Hash
	for _, line := range lines {
		if line == "" {
			continue
		}
		hash, err := tlog.ParseHash(line)
		must(err)
		all = append(all, hash)
	}
	return all
}

func demand(holds bool, what string) {
	if !holds {
		fail("not as it should be: " + what)
	}
}

func must(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
