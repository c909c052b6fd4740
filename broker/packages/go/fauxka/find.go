package fauxka

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrNoBinary is the error of a cluster for which there is no program. Its text says what was tried.
var ErrNoBinary = errors.New("there is no program fauxka")

// find is the program to start: what the caller says, FAUXKA_BINARY, the one that this package holds, or the one on the PATH.
func find(ctx context.Context, chosen string) (string, error) {
	if chosen != "" {
		return named("WithBinary", chosen)
	}
	if chosen = os.Getenv("FAUXKA_BINARY"); chosen != "" {
		return named("FAUXKA_BINARY", chosen)
	}
	tried := []string{"FAUXKA_BINARY: is not set"}
	compressed, sum, isThere := packed()
	if isThere {
		path, err := unpacked(ctx, compressed, strings.TrimSpace(sum))
		if err == nil {
			return path, nil
		}
		tried = append(tried, "the program in this package: "+err.Error())
	} else {
		tried = append(tried, fmt.Sprintf("the program in this package: it holds none for %s/%s", runtime.GOOS, runtime.GOARCH))
	}
	path, err := exec.LookPath("fauxka")
	if err == nil {
		return path, nil
	}
	tried = append(tried, "fauxka on the PATH: "+err.Error())
	return "", fmt.Errorf("%w for %s/%s. Tried:\n  %s\nBuild it from a checkout (cargo install --locked --path broker), "+
		"and set FAUXKA_BINARY to its path, or put it on the PATH", ErrNoBinary, runtime.GOOS, runtime.GOARCH, strings.Join(tried, "\n  "))
}

// named is a program that somebody has named: nothing else will do.
func named(by, path string) (string, error) {
	about, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %s names %s: %w", ErrNoBinary, by, path, errors.Unwrap(err))
	case about.IsDir():
		return "", fmt.Errorf("%w: %s names %s, which is a folder", ErrNoBinary, by, path)
	}
	return filepath.Abs(path)
}
