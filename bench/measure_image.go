package main

import (
	"fmt"
	"slices"
)

// measureImage runs the container image by runc, with the limits and mounts of the chart. The harness of the end-to-end
// tests does it.
func (b *bench) measureImage() ([]Measure, []string, error) {
	samples, err := b.endToEnd("ImageBenchmark")
	if err != nil {
		return nil, nil, err
	}
	if len(samples["ready"]) == 0 || len(samples["registry-limit"]) == 0 || len(samples["command-limit"]) == 0 {
		return nil, nil, fmt.Errorf("the report lacks starts or limits: %v", samples)
	}
	mib := func(name string) []float64 { return scaled(samples[name], 1024) }
	measures := []Measure{
		newMeasure("image: start of runc until ready, beside containerd", "s", samples["ready"]...).atMost(1.0),
		newMeasure("image: idle, resident", "MiB", mib("idle-resident")...).atMost(85),
		newMeasure("image: idle, anonymous", "MiB", mib("idle-anonymous")...).atMost(45),
		newMeasure("image: a second command in the container, by runc exec", "ms", samples["command"]...),
		newMeasure("image: the least limit in which a node outlived the load", "MiB", slices.Min(samples["registry-limit"])),
		newMeasure("image: the least limit in which the configuration was written", "MiB", slices.Min(samples["command-limit"])),
	}
	for _, how := range []struct{ name, title string }{
		{"mirrored", "20 layers of 1 GiB of a peer and 200 connections"},
		{"served", "20 layers of 1 GiB of its own and 200 connections"},
	} {
		title := "image: " + how.title
		measures = append(measures,
			newMeasure(title+", all layers", "s", samples[how.name+"-seconds"]...),
			newMeasure(title+", manifests meanwhile", "requests", samples[how.name+"-manifests"]...),
			newMeasure(title+", manifests answered 404 meanwhile", "requests", samples[how.name+"-misses"]...),
			newMeasure(title+", second commands meanwhile", "commands", samples[how.name+"-commands"]...),
			newMeasure(title+", peak resident of the node", "MiB", mib(how.name+"-peak")...))
	}
	return measures, []string{"The container image by runc: root read-only, 128 MiB unless another limit is named, a network " +
		"namespace. Idle: beside a containerd, connected with one peer, 12 s after it was ready. Under load 20 connections fetch a layer each, 180 ask for the " +
		"manifest twice a second, and `spegel version` is run in the container again and again; whatever is killed or fails ends the benchmark. Layers are zeros on a sparse file; the client, a JVM, is on the " +
		"same machine."}, nil
}
