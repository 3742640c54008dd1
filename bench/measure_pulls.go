package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// measurePulls lets real containerds pull, each in a network of its own with a mirror beside it. The harness of the
// end-to-end tests does it.
func (b *bench) measurePulls() ([]Measure, []string, error) {
	samples, err := b.endToEnd("PullsBenchmark")
	if err != nil {
		return nil, nil, err
	}
	seconds := func(name string) []float64 { return scaled(samples[name], 1000) }
	mib := func(name string) []float64 { return scaled(samples[name], 1<<20) }
	pull, direct, again, againDirect := seconds("pull"), seconds("direct"), seconds("again"), seconds("again-direct")
	if len(pull) == 0 || len(direct) == 0 || len(again) == 0 || len(againDirect) == 0 {
		return nil, nil, fmt.Errorf("the report lacks pulls: %v", samples)
	}
	return []Measure{
		newMeasure("pulls: 7 nodes pull what one has, the last done", "s", pull...).atMost(9),
		newMeasure("pulls: 7 containerds pull from a local registry, the last done", "s", direct...),
		newMeasure("pulls: nodes to registry, ratio of medians", "×", median(pull)/median(direct)),
		newMeasure("pulls: bytes of layers from the upstream meanwhile, all rounds", "bytes", sum(samples["upstream"])).atMost(0),
		newMeasure("pulls: all that the upstream's link sent meanwhile", "MiB", mib("link")...),
		newMeasure("pulls: commit of a blob until another node finds it", "ms", samples["found"]...).atMost(200),
		newMeasure("pulls: one node pulls again what it has deleted", "s", again...),
		newMeasure("pulls: bytes of layers from the upstream for that, all rounds", "bytes", sum(samples["again-upstream"])).atMost(0),
		newMeasure("pulls: one containerd pulls that from the upstream", "s", againDirect...),
		newMeasure("pulls: again to upstream, ratio of medians", "×", median(again)/median(againDirect)),
		newMeasure("pulls: peak resident memory of the eight mirrors", "MiB", scaled(samples["memory"], 1024)...),
	}, []string{"Eight containerds of version " + containerdVersion + ", each in a network namespace with a mirror, on one machine without limits on the links. Images of 4 layers of 64 MiB of random bytes, not compressed, fresh in each round; pulled with `ctr images pull`, which unpacks them. Bytes of layers are those of the upstream's log. Mirrors are fresh in the first round only. The local registry is another docker-registry in a namespace, asked by the same containerds and no mirror. What a node pulls again all its neighbours have."}, nil
}

// endToEnd runs a benchmark of the end-to-end tests' harness, and returns the values that it reported under each name.
func (b *bench) endToEnd(class string) (map[string][]float64, error) {
	report := filepath.Join(b.directory, class)
	setUp := exec.Command("e2e/setup")
	run := exec.Command("./mvnw", "-B", "-ntp", "-q", "-Pe2e", "-pl", "e2e", "-am", "-Dexec.skip", "-Dtest="+class,
		"-Dsurefire.failIfNoSpecifiedTests=false", "-Dtest.heap=2g", "-Dspegel.report="+report, "test")
	for _, command := range []*exec.Cmd{setUp, run} {
		command.Stdout, command.Stderr = os.Stderr, os.Stderr
		if err := command.Run(); err != nil {
			return nil, fmt.Errorf("%s: %w", strings.Join(command.Args, " "), err)
		}
	}
	text, err := os.ReadFile(report)
	if err != nil {
		return nil, err
	}
	return reportedSamples(string(text))
}

// reportedSamples collects the values of each name, in their order. A line is a title and fields, a tab before each.
func reportedSamples(text string) (map[string][]float64, error) {
	samples := map[string][]float64{}
	for line := range strings.Lines(text) {
		for _, field := range strings.Split(strings.TrimSpace(line), "\t")[1:] {
			name, value, _ := strings.Cut(field, "=")
			number, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return nil, fmt.Errorf("in %q: %w", line, err)
			}
			samples[name] = append(samples[name], number)
		}
	}
	return samples, nil
}

func scaled(samples []float64, divisor float64) []float64 {
	result := make([]float64, len(samples))
	for i, sample := range samples {
		result[i] = sample / divisor
	}
	return result
}

func sum(samples []float64) (total float64) {
	for _, sample := range samples {
		total += sample
	}
	return total
}
