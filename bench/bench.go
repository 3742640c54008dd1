package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// bench is what all benchmarks share.
type bench struct {
	root      string // of the repository
	launcher  string
	directory string // for logs and sockets, removed at the end
	layout    layout
}

// benchmark measures one thing, and remarks what a reader of the numbers has to know.
type benchmark struct {
	name    string
	measure func(b *bench) (measures []Measure, remarks []string, err error)
}

var benchmarks = []benchmark{
	{"ready", (*bench).measureReady},
	{"launcher", (*bench).measureLauncher},
	{"memory", (*bench).measureMemory},
	{"blob", (*bench).measureBlob},
	{"manifest", (*bench).measureManifest},
	{"mirror", (*bench).measureMirror},
	{"miss", (*bench).measureMiss},
	{"join", (*bench).measureJoin},
	{"pulls", (*bench).measurePulls},
	{"image", (*bench).measureImage},
	{"stream", networkBenchmark("StreamThroughput")},
	{"lookup", networkBenchmark("KadLookup", "-Xmx256m", "-Xmn32m")},
	{"announce", networkBenchmark("KadAnnounce", "-Xmx256m", "-Xmn32m")},
	{"peers", networkBenchmark("IdlePeers")},
	{"kad-simulation", networkBenchmark("KadSimulation", "-Xmx2g", "-Xmn512m")},
}

func runBenchmarks(names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(benchmarks, func(b benchmark) bool { return b.name == name }) {
			return fmt.Errorf("no benchmark is called %q", name)
		}
	}
	b := &bench{}
	var err error
	if b.root, err = os.Getwd(); err != nil {
		return err
	}
	b.launcher = filepath.Join(b.root, "spegel")
	if _, err := os.Stat(b.launcher); err != nil {
		return fmt.Errorf("bench is run from the root of the repository: %w", err)
	}
	if b.directory, err = os.MkdirTemp("", "spegel-bench-run-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.directory)
	fmt.Fprintln(os.Stderr, "making the images, or taking those of the last run")
	if b.layout, err = openLayout(); err != nil {
		return err
	}
	for _, benchmark := range benchmarks {
		if len(names) > 0 && !slices.Contains(names, benchmark.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring", benchmark.name)
		measures, remarks, err := benchmark.measure(b)
		if err != nil {
			return fmt.Errorf("%s: %w", benchmark.name, err)
		}
		if err := b.report(benchmark.name, measures, remarks); err != nil {
			return err
		}
	}
	return writeTable()
}

func (b *bench) layoutFlags() []string {
	return []string{"--store", "oci-layout:" + b.layout.Directory}
}

// warn is for what goes wrong while tidying up, which changes no result.
func warn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "warning:", err)
	}
}
