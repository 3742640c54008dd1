package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

const (
	maxManifestBytes = 4 << 20
	maxDepth         = 4
	maxContents      = 10_000
	refAnnotation    = "org.opencontainers.image.ref.name"
)

var sha256Text = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// layout is an OCI image layout as it was when it was opened.
type layout struct {
	root string
	// tags holds the digest of each full name, such as docker.io/library/nginx:latest.
	tags map[string]string
	// mediaTypes holds what is really there, by digest.
	mediaTypes map[string]string
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Annotations map[string]string `json:"annotations"`
}

// document is an index or a manifest of an image.
type document struct {
	Manifests []descriptor `json:"manifests"`
	Config    *descriptor  `json:"config"`
	Layers    []descriptor `json:"layers"`
}

// openLayout lists the images of the folder with all of their content that is there.
func openLayout(root string) (*layout, error) {
	l := &layout{root: root, tags: map[string]string{}, mediaTypes: map[string]string{}}
	index, err := readDocument(filepath.Join(root, "index.json"))
	if err != nil {
		return nil, err
	}
	for _, image := range index.Manifests {
		if err := l.add(image, 0); err != nil {
			return nil, err
		}
		if name := image.Annotations[refAnnotation]; name != "" && l.mediaTypes[image.Digest] != "" {
			l.tags[name] = image.Digest
		}
	}
	return l, nil
}

func (l *layout) add(d descriptor, depth int) error {
	if !sha256Text.MatchString(d.Digest) {
		return fmt.Errorf("not a digest: %q", d.Digest)
	}
	if depth > maxDepth || len(l.mediaTypes) >= maxContents {
		return errors.New("the layout is too deep, or holds too much")
	}
	_, err := os.Stat(l.file(d.Digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // As of another platform.
	}
	if err != nil {
		return err
	}
	l.mediaTypes[d.Digest] = d.MediaType
	if !isManifest(d.MediaType) {
		return nil
	}
	content, err := readDocument(l.file(d.Digest))
	if err != nil {
		return err
	}
	children := append(content.Manifests, content.Layers...)
	if content.Config != nil {
		children = append(children, *content.Config)
	}
	for _, child := range children {
		if err := l.add(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// file is where the content of this digest lies.
func (l *layout) file(digest string) string {
	return filepath.Join(l.root, "blobs", "sha256", digest[len("sha256:"):])
}

// keys are all texts to announce: tags and digests.
func (l *layout) keys() []string {
	keys := make([]string, 0, len(l.tags)+len(l.mediaTypes))
	for tag := range l.tags {
		keys = append(keys, tag)
	}
	for digest := range l.mediaTypes {
		keys = append(keys, digest)
	}
	return keys
}

func isManifest(mediaType string) bool {
	switch mediaType {
	case "application/vnd.oci.image.index.v1+json",
		"application/vnd.oci.image.manifest.v1+json",
		"application/vnd.docker.distribution.manifest.list.v2+json",
		"application/vnd.docker.distribution.manifest.v2+json":
		return true
	}
	return false
}

func readDocument(file string) (*document, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxManifestBytes {
		return nil, fmt.Errorf("%s: %d bytes are too many", file, info.Size())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &d, nil
}
