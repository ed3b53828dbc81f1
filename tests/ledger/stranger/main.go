// Command stranger reads a log from a folder as anybody would, with golang.org/x/mod/sumdb alone, and fails where
// anything does not hold: what it accepts, programs accept that nobody here wrote.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What we say of our own log: where each tile lies, and proofs.
type claims struct {
	Vkey       string
	Witness    string
	Cosigned   string
	Paths      []path
	Inclusions []inclusion
	Continued  []consistency
}

type path struct {
	Level int
	Index int64
	Width int
	Path  string
}

type inclusion struct {
	Size, Index int64
	Entry       []byte
	Proof       [][]byte
}

type consistency struct {
	Old, New int64
	Proof    [][]byte
}

// A folder is a log's address; it is a tlog.TileReader.
type folder string

func (f folder) Height() int                     { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		content, err := os.ReadFile(filepath.Join(string(f), pathOf(tile)))
		if err != nil {
			return nil, err
		}
		found = append(found, content)
	}
	return found, nil
}

// Go's paths name the height, which C2SP fixes, and call a bundle of entries "data".
func pathOf(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// A witness's key, c2sp.org/tlog-cosignature: it signs the time as well. It is a note.Verifier.
type witness struct {
	name string
	key  ed25519.PublicKey
}

func witnessOf(vkey string) witness {
	parts := strings.SplitN(vkey, "+", 3)
	key := must(base64.StdEncoding.DecodeString(parts[2]))
	found := witness{parts[0], key[1:]}
	if id := must(strconv.ParseUint(parts[1], 16, 32)); key[0] != 4 || uint32(id) != found.KeyHash() {
		fail("%s is no witness's vkey", vkey)
	}
	return found
}

func (w witness) Name() string { return w.name }

func (w witness) KeyHash() uint32 {
	hash := sha256.Sum256(append([]byte(w.name+"\n\x04"), w.key...))
	return binary.BigEndian.Uint32(hash[:])
}

func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(w.key, []byte(signed), signature[8:])
}

func (f folder) checkpoint(size int64, log note.Verifier) tlog.Tree {
	content := must(os.ReadFile(filepath.Join(string(f), fmt.Sprintf("checkpoint.%d", size))))
	signed := must(note.Open(content, note.VerifierList(log)))
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() || lines[1] != strconv.FormatInt(size, 10) {
		fail("checkpoint %d says %q", size, signed.Text)
	}
	var root tlog.Hash
	copy(root[:], must(base64.StdEncoding.DecodeString(lines[2])))
	return tlog.Tree{N: size, Hash: root}
}

// Every entry hashes to its leaf, and the leaves to the root: the reader checks each tile up to the signed root.
func (f folder) entries(tree tlog.Tree) [][]byte {
	var found [][]byte
	for index := int64(0); index*256 < tree.N; index++ {
		width := int(min(256, tree.N-index*256))
		bundle := must(f.ReadTiles([]tlog.Tile{{H: 8, L: -1, N: index, W: width}}))[0]
		for len(bundle) > 0 {
			end := 2 + int(bundle[0])<<8 + int(bundle[1])
			found, bundle = append(found, bundle[2:end]), bundle[end:]
		}
	}
	var places []int64
	for index := range found {
		places = append(places, tlog.StoredHashIndex(0, int64(index)))
	}
	for index, hash := range must(tlog.TileHashReader(tree, f).ReadHashes(places)) {
		if hash != tlog.RecordHash(found[index]) {
			fail("entry %d is another", index)
		}
	}
	return found
}

func main() {
	here := folder(os.Args[1])
	var said claims
	check(json.Unmarshal(must(os.ReadFile(filepath.Join(string(here), "claims.json"))), &said))
	log := must(note.NewVerifier(said.Vkey))
	if signed := must(note.Open([]byte(said.Cosigned), note.VerifierList(log, witnessOf(said.Witness)))); len(signed.Sigs) != 2 {
		fail("%d signatures hold", len(signed.Sigs))
	}
	for _, each := range said.Paths {
		if found := pathOf(tlog.Tile{H: 8, L: each.Level, N: each.Index, W: each.Width}); found != each.Path {
			fail("%s is %s", each.Path, found)
		}
	}
	for _, each := range said.Inclusions {
		tree := here.checkpoint(each.Size, log)
		if entries := here.entries(tree); !bytes.Equal(entries[each.Index], each.Entry) {
			fail("entry %d is another", each.Index)
		}
		made := must(tlog.ProveRecord(tree.N, each.Index, tlog.TileHashReader(tree, here)))
		same(made, each.Proof)
		check(tlog.CheckRecord(hashes(each.Proof), tree.N, tree.Hash, each.Index, tlog.RecordHash(each.Entry)))
	}
	for _, each := range said.Continued {
		before, after := here.checkpoint(each.Old, log), here.checkpoint(each.New, log)
		made := must(tlog.ProveTree(after.N, before.N, tlog.TileHashReader(after, here)))
		same(made, each.Proof)
		check(tlog.CheckTree(hashes(each.Proof), after.N, after.Hash, before.N, before.Hash))
	}
	fmt.Println("all of it holds")
}

func same(made []tlog.Hash, said [][]byte) {
	if fmt.Sprint(made) != fmt.Sprint(hashes(said)) {
		fail("another proof: %v", made)
	}
}

func hashes(proof [][]byte) []tlog.Hash {
	found := make([]tlog.Hash, len(proof))
	for at, part := range proof {
		copy(found[at][:], part)
	}
	return found
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
