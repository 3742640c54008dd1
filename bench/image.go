package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

const (
	mib = 1 << 20
	gib = 1 << 30

	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"

	registryName = "registry.bench:5000"
	layoutFormat = "3" // raise it when what createLayout makes changes
)

// descriptor is an OCI descriptor, as far as it is needed here.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// testImage is one image of the layout.
type testImage struct {
	Repository string
	Tag        string
	Manifest   descriptor
	Config     descriptor
	Layers     []descriptor
}

// layout is an OCI image layout on disk: one image with a layer of 1 GiB, one with four of 64 MiB, and twenty with
// eight of 16 KiB, whose manifests are of a usual size.
type layout struct {
	Directory string
	Large     testImage
	Medium    testImage
	Small     []testImage
}

// openLayout makes the layout, or takes the one of an earlier run.
func openLayout() (layout, error) {
	directory := filepath.Join(os.TempDir(), fmt.Sprintf("spegel-bench-%d", os.Getuid()), "layout-"+layoutFormat)
	summary := filepath.Join(directory, "..", "layout-"+layoutFormat+".json")
	l := layout{}
	if text, err := os.ReadFile(summary); err == nil {
		return l, json.Unmarshal(text, &l)
	}
	l, err := createLayout(directory)
	if err != nil {
		return l, err
	}
	text, err := json.Marshal(l)
	if err != nil {
		return l, err
	}
	return l, os.WriteFile(summary, text, 0o644)
}

func createLayout(directory string) (layout, error) {
	l := layout{Directory: directory}
	if err := os.RemoveAll(directory); err != nil {
		return l, err
	}
	if err := os.MkdirAll(filepath.Join(directory, "blobs", "sha256"), 0o755); err != nil {
		return l, err
	}
	var err error
	if l.Large, err = l.addImage("bench/large", []int64{gib}); err != nil {
		return l, err
	}
	if l.Medium, err = l.addImage("bench/medium", []int64{64 * mib, 64 * mib, 64 * mib, 64 * mib}); err != nil {
		return l, err
	}
	for i := range 20 {
		sizes := []int64{16384, 16384, 16384, 16384, 16384, 16384, 16384, 16384}
		image, err := l.addImage(fmt.Sprintf("bench/small-%d", i), sizes)
		if err != nil {
			return l, err
		}
		l.Small = append(l.Small, image)
	}
	if err := l.writeIndex(directory, append([]testImage{l.Large, l.Medium}, l.Small...)); err != nil {
		return l, err
	}
	syscall.Sync() // written back now, not while something is measured
	return l, nil
}

func (l layout) writeIndex(directory string, images []testImage) error {
	var manifests []descriptor
	for _, image := range images {
		manifest := image.Manifest
		name := registryName + "/" + image.Repository + ":" + image.Tag
		manifest.Annotations = map[string]string{
			"io.containerd.image.name":          name,
			"org.opencontainers.image.ref.name": name,
		}
		manifests = append(manifests, manifest)
	}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": manifests})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(directory, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, "index.json"), index, 0o644)
}

func (l layout) addImage(repository string, layerSizes []int64) (testImage, error) {
	image := testImage{Repository: repository, Tag: "v1"}
	var diffs []string
	for i, size := range layerSizes {
		seed := sha256.Sum256(fmt.Appendf(nil, "%s layer %d", repository, i))
		layer, err := l.addBlob(layerType, io.LimitReader(rand.NewChaCha8(seed), size))
		if err != nil {
			return image, err
		}
		image.Layers = append(image.Layers, layer)
		diffs = append(diffs, layer.Digest)
	}
	var err error
	image.Config, err = l.addJSON(configType, map[string]any{
		"architecture": "amd64", "os": "linux", "config": map[string]any{"Labels": map[string]string{"name": repository}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": diffs},
	})
	if err != nil {
		return image, err
	}
	image.Manifest, err = l.addJSON(manifestType, map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "config": image.Config, "layers": image.Layers,
	})
	return image, err
}

func (l layout) addJSON(mediaType string, v any) (descriptor, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return descriptor{}, err
	}
	reader, writer := io.Pipe()
	go func() {
		_, err := writer.Write(text)
		writer.CloseWithError(err)
	}()
	return l.addBlob(mediaType, reader)
}

func (l layout) addBlob(mediaType string, content io.Reader) (descriptor, error) {
	file, err := os.CreateTemp(l.Directory, "blob-*")
	if err != nil {
		return descriptor{}, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.CopyBuffer(io.MultiWriter(file, hash), content, make([]byte, mib))
	if err != nil {
		return descriptor{}, err
	}
	digest := "sha256:" + hex.EncodeToString(hash.Sum(nil))
	if err := os.Chmod(file.Name(), 0o644); err != nil {
		return descriptor{}, err
	}
	return descriptor{MediaType: mediaType, Digest: digest, Size: size}, os.Rename(file.Name(), l.blobPath(digest))
}

func (l layout) blobPath(digest string) string {
	return filepath.Join(l.Directory, "blobs", "sha256", digest[len("sha256:"):])
}

// warm reads a blob once, so that it is in the page cache.
func (l layout) warm(digest string) error {
	file, err := os.Open(l.blobPath(digest))
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{file}, make([]byte, mib))
	return err
}

// chill drops a blob's pages from the page cache, so that whoever reads it next is charged for them.
func (l layout) chill(digest string) error {
	file, err := os.Open(l.blobPath(digest))
	if err != nil {
		return err
	}
	defer file.Close()
	const dontNeed = 4 // POSIX_FADV_DONTNEED
	if _, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, file.Fd(), 0, 0, dontNeed, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// archive writes the given images as an OCI archive, for a runtime to import.
func (l layout) archive(path string, images []testImage) error {
	directory, err := os.MkdirTemp(filepath.Dir(path), "archive-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	if err := l.writeIndex(directory, images); err != nil {
		return err
	}
	blobs := filepath.Join(directory, "blobs", "sha256")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		return err
	}
	for _, image := range images {
		for _, d := range append([]descriptor{image.Manifest, image.Config}, image.Layers...) {
			if err := os.Link(l.blobPath(d.Digest), filepath.Join(blobs, filepath.Base(l.blobPath(d.Digest)))); err != nil {
				return err
			}
		}
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	writer := tar.NewWriter(file)
	if err := writer.AddFS(os.DirFS(directory)); err != nil {
		return err
	}
	return writer.Close()
}

// manifestPath is the path of an image's manifest by tag or digest.
func (i testImage) manifestPath(reference string) string {
	return fmt.Sprintf("/v2/%s/manifests/%s?ns=%s", i.Repository, reference, registryName)
}

func (i testImage) blobPath(digest string) string {
	return fmt.Sprintf("/v2/%s/blobs/%s?ns=%s", i.Repository, digest, registryName)
}
