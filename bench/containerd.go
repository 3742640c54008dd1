package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const containerdVersion = "2.4.2"

// containerd is a real one with directories of its own, and some of the layout's images imported.
type containerd struct {
	process   *server
	directory string
	ctr       string
}

// startContainerd wants root, and the binaries where the end-to-end tests put them.
func (b *bench) startContainerd(images []testImage) (*containerd, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	binaries := filepath.Join(cache, "spegel", "containerd-"+containerdVersion, "bin")
	c := &containerd{directory: filepath.Join(b.directory, "containerd"), ctr: filepath.Join(binaries, "ctr")}
	if _, err := os.Stat(filepath.Join(binaries, "containerd")); err != nil {
		return nil, fmt.Errorf("no containerd %s, which the end-to-end tests install: %w", containerdVersion, err)
	}
	configuration := fmt.Sprintf(`version = 3
root = '%[1]s/root'
state = '%[1]s/state'
disabled_plugins = ['io.containerd.cri.v1.images', 'io.containerd.cri.v1.runtime', 'io.containerd.grpc.v1.cri']
[grpc]
address = '%[1]s/containerd.sock'
`, c.directory)
	if err := os.MkdirAll(c.directory, 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(c.directory, "config.toml")
	if err := os.WriteFile(file, []byte(configuration), 0o644); err != nil {
		return nil, err
	}
	c.process, err = startServer("", filepath.Join(b.directory, "containerd.log"), os.Environ(),
		filepath.Join(binaries, "containerd"), "--config", file)
	if err != nil {
		return nil, err
	}
	return c, errors.Join(c.awaitSocket(), c.load(b, images))
}

func (c *containerd) awaitSocket() error {
	for range 300 {
		if exec.Command(c.ctr, "--address", c.socket(), "version").Run() == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return c.process.failure("did not answer in 30 s")
}

func (c *containerd) load(b *bench, images []testImage) error {
	archive := filepath.Join(b.directory, "images.tar")
	if err := b.layout.archive(archive, images); err != nil {
		return err
	}
	command := exec.Command(c.ctr, "--address", c.socket(), "--namespace", "k8s.io", "images", "import", "--no-unpack", "--local", archive)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("ctr images import: %w: %s", err, output)
	}
	return os.Remove(archive)
}

func (c *containerd) socket() string { return filepath.Join(c.directory, "containerd.sock") }

// flags point Spegel at this containerd.
func (c *containerd) flags() []string {
	return []string{
		"--containerd-sock", c.socket(),
		"--containerd-content-path", filepath.Join(c.directory, "root", "io.containerd.content.v1.content"),
	}
}
