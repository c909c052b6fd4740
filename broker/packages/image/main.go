// Writes the container image of Fauxka without a container daemon: an OCI layout with an image for each platform, and for each
// an archive that `docker load` and `podman load` take.
//
//	go run . -version VERSION -out DIR -licences DIR amd64=PROGRAM [arm64=PROGRAM]
package main

import (
	"archive/tar"
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// user is nobody in particular, and never root.
const user = "65532:65532"

// listeners are one for clients of the host, who use the mapped port, and one for those in other containers, who are told the
// address at which they reached us.
const listeners = "OUTSIDE=PLAINTEXT://0.0.0.0:9092?advertise=localhost,INSIDE=PLAINTEXT://0.0.0.0:29092?advertise=dialled"

var licences = []string{"LICENSE-APACHE", "LICENSE-MIT"}

func main() {
	log.SetFlags(0)
	version := flag.String("version", "", "the program's version")
	out := flag.String("out", "", "the folder to write to")
	licenceDir := flag.String("licences", ".", "the folder with the licences")
	flag.Parse()
	if *version == "" || *out == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*version, *out, *licenceDir, flag.Args()); err != nil {
		log.Fatalf("image: %v", err)
	}
}

func write(version, out, licenceDir string, programs []string) error {
	made, err := moment()
	if err != nil {
		return err
	}
	index := v1.ImageIndex(mutate.IndexMediaType(empty.Index, types.OCIImageIndex))
	for _, given := range programs {
		arch, program, found := strings.Cut(given, "=")
		if !found {
			return fmt.Errorf("%q is not ARCHITECTURE=PROGRAM", given)
		}
		image, err := build(version, arch, program, licenceDir, made)
		if err != nil {
			return fmt.Errorf("%s: %w", given, err)
		}
		platform := &v1.Platform{OS: "linux", Architecture: arch}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}})
		archive := filepath.Join(out, fmt.Sprintf("fauxka-%s-linux-%s.tar", version, arch))
		if err := save(archive, version, image); err != nil {
			return err
		}
	}
	oci := filepath.Join(out, "oci")
	if err := os.RemoveAll(oci); err != nil {
		return err
	}
	_, err = layout.Write(oci, index)
	return err
}

// moment is that of the commit, so that one commit makes the same bytes each time.
func moment() (time.Time, error) {
	seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

func build(version, arch, program, licenceDir string, made time.Time) (v1.Image, error) {
	content, err := files(program, licenceDir, made)
	if err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	layer, err := tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.Append(base, mutate.Addendum{Layer: layer, MediaType: types.OCILayer})
	if err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", arch, v1.Time{Time: made}
	config.Config = settings(version)
	return mutate.ConfigFile(image, config)
}

// settings are those of the Dockerfile.
func settings(version string) v1.Config {
	ports := map[string]struct{}{"9092/tcp": {}, "29092/tcp": {}, "9700/tcp": {}}
	return v1.Config{
		User:         user,
		ExposedPorts: ports,
		Env:          []string{"FAUXKA_LISTENER=" + listeners},
		Entrypoint:   []string{"/fauxka"},
		Healthcheck: &v1.HealthConfig{
			Test:     []string{"CMD", "/fauxka", "wait", "--timeout", "2s"},
			Interval: 2 * time.Second,
			Timeout:  5 * time.Second,
		},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "fauxka",
			"org.opencontainers.image.version":  version,
			"org.opencontainers.image.source":   "https://github.com/fauxka/fauxka",
			"org.opencontainers.image.licenses": "MIT OR Apache-2.0",
		},
	}
}

// files are the program, the licences, and a folder for what the program writes for a while.
func files(program, licenceDir string, made time.Time) ([]byte, error) {
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	tmp := &tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777, ModTime: made}
	if err := archive.WriteHeader(tmp); err != nil {
		return nil, err
	}
	add := func(path, name string, mode int64) error {
		bytes, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(bytes)), ModTime: made}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err = archive.Write(bytes)
		return err
	}
	if err := add(program, "fauxka", 0o755); err != nil {
		return nil, err
	}
	for _, licence := range licences {
		if err := add(filepath.Join(licenceDir, licence), licence, 0o644); err != nil {
			return nil, err
		}
	}
	// The end of the archive is written when it is closed.
	err := archive.Close()
	return content.Bytes(), err
}

func save(path, version string, image v1.Image) error {
	tag, err := name.NewTag("fauxka:" + version)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return tarball.WriteToFile(path, tag, image)
}
