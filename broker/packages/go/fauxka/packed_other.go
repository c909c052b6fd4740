//go:build !linux || !(amd64 || arm64)

package fauxka

// There is no program for this platform yet.
func packed() (compressed []byte, sha256 string, isThere bool) { return nil, "", false }
