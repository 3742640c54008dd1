package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// measureBlob pulls 1 GiB over loopback, from Go's file server and from Spegel, taking turns.
func (b *bench) measureBlob() ([]Measure, []string, error) {
	layer := b.layout.Large.Layers[0]
	if err := b.layout.warm(layer.Digest); err != nil {
		return nil, nil, err
	}
	ours, _, err := b.startSpegel(nil, b.layoutFlags()...)
	if err != nil {
		return nil, nil, err
	}
	defer ours.stop()
	theirs, err := startSelf(b, "serve-files", "--directory", b.layout.Directory)
	if err != nil {
		return nil, nil, err
	}
	defer theirs.stop()
	file := b.layout.blobPath(layer.Digest)[len(b.layout.Directory):]
	first, firstCPU, err := fetch(ours, b.layout.Large.blobPath(layer.Digest), layer.Size) // code not compiled yet
	if err != nil {
		return nil, nil, err
	}
	var oursTaken, theirsTaken taken
	for i := range starts + 1 { // the first turn is a warm-up
		for _, turn := range []struct {
			s     *server
			path  string
			taken *taken
		}{{theirs, file, &theirsTaken}, {ours, b.layout.Large.blobPath(layer.Digest), &oursTaken}} {
			seconds, cpu, err := fetch(turn.s, turn.path, layer.Size)
			if err != nil {
				return nil, nil, err
			}
			if i > 0 {
				turn.taken.seconds = append(turn.taken.seconds, seconds)
				turn.taken.cpu = append(turn.taken.cpu, cpu)
			}
		}
	}
	return []Measure{
		newMeasure("blob: 1 GiB, ours, the first after start", "s/GiB", first),
		newMeasure("blob: CPU of the server, ours, the first after start", "CPU-s/GiB", firstCPU),
		newMeasure("blob: 1 GiB, ours", "s/GiB", oursTaken.seconds...),
		newMeasure("blob: 1 GiB, Go's file server", "s/GiB", theirsTaken.seconds...),
		newMeasure("blob: time, ours to Go's, ratio of medians", "×", median(oursTaken.seconds)/median(theirsTaken.seconds)).atMost(1.1),
		newMeasure("blob: CPU of the server, ours", "CPU-s/GiB", oursTaken.cpu...),
		newMeasure("blob: CPU of the server, Go's file server", "CPU-s/GiB", theirsTaken.cpu...),
		newMeasure("blob: CPU, ours to Go's, ratio of medians", "×", median(oursTaken.cpu)/median(theirsTaken.cpu)).atMost(1.1),
	}, []string{"The blob is in the page cache; the client reads into 1 MiB and forgets; server and client share the machine."}, nil
}

type taken struct{ seconds, cpu []float64 }

func fetch(s *server, path string, size int64) (seconds, cpu float64, err error) {
	before, err := s.cpuSeconds()
	if err != nil {
		return 0, 0, err
	}
	var result fetchResult
	if err := client(&result, "fetch", "--addr", s.addr, "--path", path, "--size", strconv.FormatInt(size, 10)); err != nil {
		return 0, 0, err
	}
	after, err := s.cpuSeconds()
	return result.Seconds, after - before, err
}

const manifestSeconds = 5

// measureManifest keeps eight connections busy with one manifest, by digest and by tag, taking turns with Go's HTTP
// server answering from memory and with the least a server can do.
func (b *bench) measureManifest() ([]Measure, []string, error) {
	image := b.layout.Small[0]
	body := b.layout.blobPath(image.Manifest.Digest)
	if err := b.layout.warm(image.Manifest.Digest); err != nil {
		return nil, nil, err
	}
	ours, _, err := b.startSpegel(nil, b.layoutFlags()...)
	if err != nil {
		return nil, nil, err
	}
	defer ours.stop()
	goServer, err := startSelf(b, "serve-memory", "--body", body)
	if err != nil {
		return nil, nil, err
	}
	defer goServer.stop()
	constant, err := startSelf(b, "serve-constantly", "--body", body)
	if err != nil {
		return nil, nil, err
	}
	defer constant.stop()

	byDigest, byTag := image.manifestPath(image.Manifest.Digest), image.manifestPath(image.Tag)
	first, err := askFor(ours, byDigest, body) // of a server that has done nothing yet
	if err != nil {
		return nil, nil, err
	}
	turns := []*manifestTurn{
		{name: "ours, by digest", s: ours, path: byDigest},
		{name: "ours, by tag", s: ours, path: byTag},
		{name: "Go's HTTP server, from memory", s: goServer, path: byDigest},
		{name: "what the client can do", s: constant, path: byDigest},
	}
	for range 5 {
		for _, turn := range turns {
			if err := turn.take(body); err != nil {
				return nil, nil, err
			}
		}
	}
	size, err := os.Stat(body)
	if err != nil {
		return nil, nil, err
	}
	measures := []Measure{newMeasure(fmt.Sprintf("manifest: ours, first %d s after start", manifestSeconds), "1/s", first.PerSecond)}
	for i, turn := range turns {
		measures = append(measures, turn.measures(i < 2)...)
	}
	return measures, []string{fmt.Sprintf("Eight connections with one request under way on each, all from one thread of the client, "+
		"which compares every body (%d bytes); it shares the machine with the server.", size.Size())}, nil
}

type manifestTurn struct {
	name    string
	s       *server
	path    string
	results []manifestsResult
	cpu     []float64
}

func (t *manifestTurn) take(body string) error {
	before, err := t.s.cpuSeconds()
	if err != nil {
		return err
	}
	result, err := askFor(t.s, t.path, body)
	if err != nil {
		return err
	}
	after, err := t.s.cpuSeconds()
	t.results = append(t.results, result)
	t.cpu = append(t.cpu, (after-before)/float64(max(1, result.Requests))*1e6)
	return err
}

func askFor(s *server, path, body string) (manifestsResult, error) {
	var result manifestsResult
	err := client(&result, "manifests", "--addr", s.addr, "--path", path, "--body", body, "--seconds", strconv.Itoa(manifestSeconds))
	time.Sleep(100 * time.Millisecond)
	return result, err
}

func (t *manifestTurn) measures(ours bool) []Measure {
	var perSecond, p50, p99, p999, errors []float64
	for _, r := range t.results {
		perSecond, errors = append(perSecond, r.PerSecond), append(errors, float64(r.Errors))
		p50, p99, p999 = append(p50, r.P50/1000), append(p99, r.P99/1000), append(p999, r.P999/1000)
	}
	rate := newMeasure("manifest: "+t.name, "1/s", perSecond...)
	cpu := newMeasure("manifest: "+t.name+", CPU of the server", "µs/request", t.cpu...)
	if !ours {
		return []Measure{rate, cpu}
	}
	return []Measure{
		rate.atLeast(25_000), cpu,
		newMeasure("manifest: "+t.name+", p50", "ms", p50...),
		newMeasure("manifest: "+t.name+", p99", "ms", p99...),
		newMeasure("manifest: "+t.name+", p99.9", "ms", p999...),
		newMeasure("manifest: "+t.name+", errors", "requests", errors...).atMost(0),
	}
}
