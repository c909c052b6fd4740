// Package binary holds the program fauxka for Linux on x86-64.
//
// It is a module of its own, so that you download the program for the platforms that you test on and no other.
package binary

import "embed"

// The program is put into this folder when the module is packed. A checkout has a README there.
//
//go:embed all:program
var files embed.FS

// Program is the program, compressed with gzip, and the SHA-256 of what comes out, in hexadecimal.
// It is false where the module has not been packed.
func Program() (compressed []byte, sha256 string, isThere bool) {
	compressed, err := files.ReadFile("program/fauxka.gz")
	if err != nil {
		return nil, "", false
	}
	sum, err := files.ReadFile("program/fauxka.sha256")
	return compressed, string(sum), err == nil
}
