package main

import (
	"fmt"
	"strconv"
	"time"
)

const (
	limitBytes  = 128 * mib
	loadSeconds = 40
	settling    = 12 * time.Second // longer than the interval at which the JVM trims its native heap
)

// measureMemory takes the memory of an idle server beside a containerd and with a layout, connected with one peer, and
// then, in a memory cgroup of 128 MiB, under 200 connections that pull cold blobs and manifests.
func (b *bench) measureMemory() ([]Measure, []string, error) {
	idle, err := b.measureIdle()
	if err != nil {
		return nil, nil, err
	}
	group, err := newMemoryGroup(limitBytes)
	if err != nil {
		return nil, nil, err
	}
	defer func() { warn(group.remove()) }()
	load, remarks, err := b.measureLoad(group)
	return append(idle, load...), remarks, err
}

func (b *bench) measureIdle() ([]Measure, error) {
	c, err := b.startContainerd(b.layout.Small)
	if err != nil {
		return nil, err
	}
	defer c.process.stop()
	peer, _, err := b.startSpegel(nil, b.layoutFlags()...)
	if err != nil {
		return nil, err
	}
	defer peer.stop()
	joining, err := peer.joiningFlags()
	if err != nil {
		return nil, err
	}
	var measures []Measure
	for _, store := range []struct {
		name  string
		flags []string
	}{{"containerd", c.flags()}, {"oci-layout", b.layoutFlags()}} {
		var resident, anonymous []float64
		for range 3 {
			s, _, err := b.startSpegel(nil, append(store.flags, joining...)...)
			if err != nil {
				return nil, err
			}
			time.Sleep(settling)
			m, err := s.memory()
			s.stop()
			if err != nil {
				return nil, err
			}
			resident, anonymous = append(resident, m.Resident), append(anonymous, m.Anonymous)
		}
		measures = append(measures,
			newMeasure("memory: idle, "+store.name+", resident", "MiB", resident...).atMost(96),
			newMeasure("memory: idle, "+store.name+", anonymous", "MiB", anonymous...).atMost(45))
	}
	return measures, nil
}

func (b *bench) measureLoad(group *memoryGroup) ([]Measure, []string, error) {
	arguments := []string{
		"readers", "--fast", "100", "--slow", "60", "--asking", "40", "--seconds", strconv.Itoa(loadSeconds),
		"--manifest", b.layout.Small[0].manifestPath(b.layout.Small[0].Tag),
	}
	for _, image := range []testImage{b.layout.Medium, b.layout.Large} {
		for _, layer := range image.Layers {
			// Cold, so that the pages are charged to the server's cgroup, as they are in a container.
			if err := b.layout.chill(layer.Digest); err != nil {
				return nil, nil, err
			}
			arguments = append(arguments, image.blobPath(layer.Digest))
		}
	}
	s, _, err := b.startSpegel(group.prefix(), b.layoutFlags()...)
	if err != nil {
		return nil, nil, err
	}
	defer s.stop()
	var result readersResult
	if err := client(&result, append(arguments[:1:1], append([]string{"--addr", s.addr}, arguments[1:]...)...)...); err != nil {
		return nil, nil, err
	}
	if !s.running() {
		return nil, nil, s.failure("did not outlive the load")
	}
	m, err := s.memory()
	if err != nil {
		return nil, nil, err
	}
	usage, err := group.maxUsageMiB()
	if err != nil {
		return nil, nil, err
	}
	kills, err := group.kills()
	if err != nil {
		return nil, nil, err
	}
	time.Sleep(settling)
	after, err := s.memory()
	if err != nil {
		return nil, nil, err
	}
	remarks := []string{"Idle: connected with one peer, 12 s after it was ready.", fmt.Sprintf("The load in the cgroup of 128 MiB: 100 connections pull blobs of 64 MiB and 1 GiB, cold at first, as fast as they can, "+
		"60 pull them at 64 KiB/s each, 40 ask for a manifest, for %d s; they got %d manifests and %.1f GiB of blobs.",
		loadSeconds, result.Manifests, float64(result.Bytes)/gib)}
	if result.Errors > 0 {
		remarks = append(remarks, "The first error: "+result.FirstErr)
	}
	return []Measure{
		newMeasure("memory: 200 connections, killed for want of memory", "times", kills).atMost(0),
		newMeasure("memory: 200 connections, errors", "requests", float64(result.Errors)).atMost(0),
		newMeasure("memory: 200 connections, peak resident", "MiB", m.Peak),
		newMeasure("memory: 200 connections, resident at the end", "MiB", m.Resident),
		newMeasure("memory: 200 connections, anonymous at the end", "MiB", m.Anonymous),
		newMeasure("memory: 200 connections, most charged to the cgroup, with page cache", "MiB", usage),
		newMeasure("memory: 12 s after them, resident", "MiB", after.Resident),
		newMeasure("memory: 12 s after them, anonymous", "MiB", after.Anonymous),
		newMeasure("memory: 200 connections, /readyz p50 with a new connection each", "ms", result.ProbeP50/1000),
		newMeasure("memory: 200 connections, /readyz p99 with a new connection each", "ms", result.ProbeP99/1000).atMost(50),
	}, remarks, nil
}
