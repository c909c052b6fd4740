package fauxka

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const tryPatience = 10 * time.Second

// Once a place has served, it serves the other clusters of this process.
var (
	unpackLock sync.Mutex
	served     string
)

// unpacked is where the program of this package is, after it was put there if need be.
func unpacked(ctx context.Context, compressed []byte, sum string) (string, error) {
	unpackLock.Lock()
	defer unpackLock.Unlock()
	if _, err := os.Stat(served); served != "" && err == nil {
		return served, nil
	}
	if len(sum) != sha256.Size*2 {
		return "", fmt.Errorf("its checksum is damaged: %q", sum)
	}
	var failures []error
	for _, place := range places() {
		path, err := unpackedIn(ctx, place, compressed, sum)
		if err == nil {
			served = path
			return path, nil
		}
		failures = append(failures, err)
		if ctx.Err() != nil {
			break
		}
	}
	return "", fmt.Errorf("it cannot be unpacked: %w", joined(failures))
}

func joined(failures []error) error {
	texts := make([]string, len(failures))
	for index, failure := range failures {
		texts[index] = "\n    " + failure.Error()
	}
	return errors.New(strings.Join(texts, ""))
}

// place is a folder for programs, or why there is none.
type place struct {
	what, folder string
	err          error
}

func places() []place {
	cache, err := os.UserCacheDir()
	mine := fmt.Sprintf("fauxka-%d", os.Getuid())
	return []place{
		{"the user's cache folder", filepath.Join(cache, "fauxka"), err},
		{"the temporary folder", filepath.Join(os.TempDir(), mine), nil},
	}
}

// unpackedIn is the program in one place. Nobody sees half of it: it gets its name when it is whole.
func unpackedIn(ctx context.Context, at place, compressed []byte, sum string) (string, error) {
	if at.err != nil {
		return "", fmt.Errorf("%s: %w", at.what, at.err)
	}
	name := "fauxka"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	folder := filepath.Join(at.folder, Version+"-"+sum[:16])
	path := filepath.Join(folder, name)
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = isOurs(at.folder)
	}
	if err == nil && sumOf(path) != sum {
		err = write(path, compressed, sum)
	}
	if err == nil {
		err = tryOut(ctx, path)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", at.what, err)
	}
	return path, nil
}

// isOurs refuses a folder in which others could put another program.
func isOurs(folder string) error {
	about, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" && (!about.IsDir() || about.Mode().Perm()&0o022 != 0) {
		return fmt.Errorf("%s is not a folder that only you can write to: remove it", folder)
	}
	return nil
}

// sumOf is the checksum of a file, or "" if it cannot be read.
func sumOf(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, file); err != nil {
		return ""
	}
	return hex.EncodeToString(digest.Sum(nil))
}

func write(path string, compressed []byte, sum string) (err error) {
	// A process that starts meanwhile would have the file open for writing, and then nobody could run it.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	file, err := os.CreateTemp(filepath.Dir(path), ".fauxka-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	err = errors.Join(fill(file, compressed, sum), file.Close())
	if err == nil {
		err = os.Chmod(file.Name(), 0o755)
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}

func fill(file *os.File, compressed []byte, sum string) error {
	reader, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return err
	}
	digest := sha256.New()
	if _, err := io.Copy(io.MultiWriter(file, digest), reader); err != nil {
		return err
	}
	if found := hex.EncodeToString(digest.Sum(nil)); found != sum {
		return fmt.Errorf("the packed program is damaged: its SHA-256 is %s, and should be %s", found, sum)
	}
	return nil
}

// tryOut says why the program cannot run where it is, such as on a file system that is mounted noexec.
func tryOut(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, tryPatience)
	defer cancel()
	said, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("it does not run%s: %w %.200s", hint(err), err, said)
	}
	return nil
}
