package main

import (
	"errors"
	"strings"
	"time"
)

// measureMirror asks one node for what only another one has: a blob of 1 GiB, taking turns with a proxy that copies as Go
// programs do, and a manifest over eight busy connections.
func (b *bench) measureMirror() ([]Measure, []string, error) {
	layer := b.layout.Large.Layers[0]
	if err := b.layout.warm(layer.Digest); err != nil {
		return nil, nil, err
	}
	c, err := b.newCluster()
	if err != nil {
		return nil, nil, err
	}
	defer c.stop()
	if _, err := c.startAll(b.layout.Directory, c.empty); err != nil {
		return nil, nil, err
	}
	peer, mirror := c.nodes[0], c.nodes[1]
	proxy, err := startSelf(b, "proxy", "--upstream", peer.addr)
	if err != nil {
		return nil, nil, err
	}
	defer proxy.stop()
	path := b.layout.Large.blobPath(layer.Digest)
	image := b.layout.Small[0]
	manifest := image.manifestPath(image.Manifest.Digest)
	if err := awaitFound(mirror, manifest); err != nil {
		return nil, nil, err
	}

	var ours, theirs, serving taken
	for i := range starts + 1 { // the first turn is a warm-up
		for _, turn := range []struct {
			s     *server
			taken *taken
		}{{proxy, &theirs}, {mirror, &ours}} {
			before, err := peer.cpuSeconds()
			if err != nil {
				return nil, nil, err
			}
			seconds, cpu, err := fetch(turn.s, path, layer.Size)
			if err != nil {
				return nil, nil, err
			}
			after, err := peer.cpuSeconds()
			if err != nil {
				return nil, nil, err
			}
			if i > 0 {
				turn.taken.seconds = append(turn.taken.seconds, seconds)
				turn.taken.cpu = append(turn.taken.cpu, cpu)
				if turn.s == mirror {
					serving.cpu = append(serving.cpu, after-before)
				}
			}
		}
	}
	measures := []Measure{
		newMeasure("mirror: 1 GiB from a peer", "s/GiB", ours.seconds...).atMost(0.9),
		newMeasure("mirror: CPU of the mirror", "CPU-s/GiB", ours.cpu...).atMost(0.6),
		newMeasure("mirror: CPU of the serving peer", "CPU-s/GiB", serving.cpu...),
		newMeasure("mirror: 1 GiB, a proxy with Go's io.Copy", "s/GiB", theirs.seconds...),
		newMeasure("mirror: CPU of that proxy", "CPU-s/GiB", theirs.cpu...),
		newMeasure("mirror: time, ours to the proxy's, ratio of medians", "×", median(ours.seconds)/median(theirs.seconds)),
		newMeasure("mirror: CPU, ours to the proxy's, ratio of medians", "×", median(ours.cpu)/median(theirs.cpu)),
	}

	turn := &manifestTurn{name: "manifest of a peer", s: mirror, path: manifest}
	body := b.layout.blobPath(image.Manifest.Digest)
	if _, err := askFor(mirror, manifest, body); err != nil { // a warm-up
		return nil, nil, err
	}
	for range 5 {
		if err := turn.take(body); err != nil {
			return nil, nil, err
		}
	}
	measures = append(measures, turn.mirrored()...)
	held, err := mirror.memory()
	if err != nil {
		return nil, nil, err
	}
	measures = append(measures,
		newMeasure("mirror: resident after all this", "MiB", held.Resident),
		newMeasure("mirror: anonymous after all this", "MiB", held.Anonymous))
	load, err := b.mirrorLoad(c)
	if err != nil {
		return nil, nil, err
	}
	measures = append(measures, load...)
	return measures, []string{"Client, mirror, serving peer and proxy share the machine. No blob is verified (`--verify-blobs=never`), since one client asks for the same blob again and again. Each manifest is fetched from the peer anew."}, nil
}

// mirrorLoad asks a node in a memory cgroup of 128 MiB for much at a time that it does not have.
func (b *bench) mirrorLoad(c *cluster) ([]Measure, error) {
	group, err := newMemoryGroup(limitBytes)
	if err != nil {
		return nil, err
	}
	defer func() { warn(group.remove()) }()
	node, err := c.launch(group.prefix(), c.empty, "--verify-blobs=never")
	if err != nil {
		return nil, err
	}
	defer node.stop()
	if _, err := node.awaitReady(30 * time.Second); err != nil {
		return nil, err
	}
	manifest := b.layout.Small[0].manifestPath(b.layout.Small[0].Manifest.Digest)
	if err := awaitFound(node, manifest); err != nil {
		return nil, err
	}
	arguments := []string{"readers", "--addr", node.addr, "--fast", "20", "--slow", "10", "--asking", "40", "--seconds", "20", "--manifest", manifest}
	for _, image := range []testImage{b.layout.Medium, b.layout.Large} {
		for _, layer := range image.Layers {
			arguments = append(arguments, image.blobPath(layer.Digest))
		}
	}
	var result readersResult
	if err := client(&result, arguments...); err != nil {
		return nil, err
	}
	if !node.running() {
		return nil, node.failure("did not outlive the load")
	}
	held, err := node.memory()
	if err != nil {
		return nil, err
	}
	kills, err := group.kills()
	if err != nil {
		return nil, err
	}
	if result.Errors > 0 {
		warn(errors.New(result.FirstErr))
	}
	const name = "mirror: 30 blobs at a time and 40 busy connections for manifests, in 128 MiB"
	return []Measure{
		newMeasure(name+", killed for want of memory", "times", kills).atMost(0),
		newMeasure(name+", errors", "requests", float64(result.Errors)).atMost(0),
		newMeasure(name+", peak resident", "MiB", held.Peak),
		newMeasure(name+", blobs passed on", "GiB", float64(result.Bytes)/gib),
		newMeasure(name+", manifests passed on", "requests", float64(result.Manifests)),
	}, nil
}

func (t *manifestTurn) mirrored() []Measure {
	var rate, p50, p99, errors []float64
	for _, result := range t.results {
		rate = append(rate, result.PerSecond)
		p50 = append(p50, result.P50/1000)
		p99 = append(p99, result.P99/1000)
		errors = append(errors, float64(result.Errors))
	}
	return []Measure{
		newMeasure("mirror: "+t.name, "1/s", rate...).atLeast(3000),
		newMeasure("mirror: "+t.name+", p50", "ms", p50...),
		newMeasure("mirror: "+t.name+", p99", "ms", p99...).atMost(15),
		newMeasure("mirror: "+t.name+", errors", "requests", errors...).atMost(0),
	}
}

// measureMiss asks for what nobody has: the same thing again and again, and something else each time.
func (b *bench) measureMiss() ([]Measure, []string, error) {
	c, err := b.newCluster()
	if err != nil {
		return nil, nil, err
	}
	defer c.stop()
	layouts := make([]string, 8)
	for i := range layouts {
		layouts[i] = c.empty
	}
	if _, err := c.startAll(layouts...); err != nil {
		return nil, nil, err
	}
	time.Sleep(5 * time.Second) // until the nodes know each other
	node := c.nodes[3]
	one := strings.Repeat("ab", 32)
	const path = "/v2/library/app/manifests/sha256:"
	var measures []Measure
	for _, turn := range []struct {
		name    string
		flags   []string
		atLeast float64
	}{
		{"one key, nobody has it", []string{"--path", path + one + "?ns=docker.io"}, 7400},
		{"distinct keys, nobody has them", []string{"--distinct", "--path", path + "%064x?ns=docker.io"}, 500},
	} {
		var rate, p50, p99, errors []float64
		for i := range 4 { // the first is a warm-up
			var result manifestsResult
			arguments := append([]string{"manifests", "--addr", node.addr, "--status", "404", "--seconds", "5"}, turn.flags...)
			if err := client(&result, arguments...); err != nil {
				return nil, nil, err
			}
			if i > 0 {
				rate = append(rate, result.PerSecond)
				p50 = append(p50, result.P50/1000)
				p99 = append(p99, result.P99/1000)
				errors = append(errors, float64(result.Errors))
			}
		}
		p99Measure := newMeasure("miss: "+turn.name+", p99", "ms", p99...)
		if turn.atLeast == 500 {
			p99Measure = p99Measure.atMost(25)
		}
		measures = append(measures,
			newMeasure("miss: "+turn.name, "1/s", rate...).atLeast(turn.atLeast),
			newMeasure("miss: "+turn.name+", p50", "ms", p50...),
			p99Measure,
			newMeasure("miss: "+turn.name+", errors", "requests", errors...).atMost(0))
	}
	return measures, []string{"Eight nodes on one machine; eight connections to one of them, with one request under way on each."}, nil
}

// measureJoin takes the time until nodes of a cluster are ready.
func (b *bench) measureJoin() ([]Measure, []string, error) {
	var joining, together []float64
	for range 5 {
		c, err := b.newCluster()
		if err != nil {
			return nil, nil, err
		}
		err = func() error {
			defer c.stop()
			took, err := c.startAll(c.empty, c.empty, c.empty, c.empty)
			if err != nil {
				return err
			}
			var last time.Duration
			for _, elapsed := range took {
				last = max(last, elapsed)
			}
			together = append(together, last.Seconds())
			took, err = c.startAll(c.empty)
			if err != nil {
				return err
			}
			joining = append(joining, took[0].Seconds())
			return nil
		}()
		if err != nil {
			return nil, nil, err
		}
	}
	return []Measure{
		newMeasure("join: one node joins four", "s", joining...).atMost(1.0),
		newMeasure("join: four nodes start at once, the last", "s", together...).atMost(2.0),
	}, []string{"Time from exec of ./spegel to the first 200 on /readyz, which says that the node has a peer."}, nil
}
