package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// memoryGroup is a memory cgroup of version 1 or 2, made beside or under the one of this process.
type memoryGroup struct {
	directory string
	version   int
}

// newMemoryGroup wants root.
func newMemoryGroup(limitBytes int64) (*memoryGroup, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("spegel-bench-%d", os.Getpid())
	group := &memoryGroup{}
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		parts := strings.SplitN(lines.Text(), ":", 3)
		if len(parts) == 3 && parts[1] == "memory" {
			group = &memoryGroup{directory: filepath.Join("/sys/fs/cgroup/memory", name), version: 1}
			break
		}
		if len(parts) == 3 && parts[0] == "0" {
			// At the root, where processes and children may be side by side.
			group = &memoryGroup{directory: filepath.Join("/sys/fs/cgroup", name), version: 2}
		}
	}
	if group.version == 0 {
		return nil, errors.New("no memory cgroup is mounted")
	}
	if group.version == 2 {
		// Fails where it is so already or must not be; then the limit's file is missing or not, below.
		_ = os.WriteFile("/sys/fs/cgroup/cgroup.subtree_control", []byte("+memory"), 0o644)
	}
	if err := os.Mkdir(group.directory, 0o755); err != nil {
		return nil, fmt.Errorf("a memory cgroup needs root: %w", err)
	}
	limit := []byte(strconv.FormatInt(limitBytes, 10))
	if group.version == 1 {
		return group, group.write("memory.limit_in_bytes", limit)
	}
	return group, errors.Join(group.write("memory.max", limit), group.write("memory.swap.max", []byte("0")))
}

func (g *memoryGroup) write(file string, text []byte) error {
	return os.WriteFile(filepath.Join(g.directory, file), text, 0o644)
}

func (g *memoryGroup) remove() error { return os.Remove(g.directory) }

// prefix is a command that enters the group and becomes the command that follows it.
func (g *memoryGroup) prefix() []string {
	return []string{"/bin/sh", "-c", `echo $$ >"$0" && exec "$@"`, filepath.Join(g.directory, "cgroup.procs")}
}

// maxUsageMiB counts everything charged to the group, the page cache of what it read included.
func (g *memoryGroup) maxUsageMiB() (float64, error) {
	file := "memory.max_usage_in_bytes"
	if g.version == 2 {
		file = "memory.peak"
	}
	text, err := os.ReadFile(filepath.Join(g.directory, file))
	if err != nil {
		return 0, err
	}
	bytes, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	return bytes / mib, err
}

// kills is how many processes of the group the kernel killed for want of memory.
func (g *memoryGroup) kills() (float64, error) {
	file := "memory.oom_control"
	if g.version == 2 {
		file = "memory.events"
	}
	text, err := os.ReadFile(filepath.Join(g.directory, file))
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
		if count, found := strings.CutPrefix(lines.Text(), "oom_kill "); found {
			return strconv.ParseFloat(count, 64)
		}
	}
	return 0, fmt.Errorf("%s does not count kills", file)
}
