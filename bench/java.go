package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A network benchmark is a Java program of bench/network, run with the options with which a node ships, and those given.
func networkBenchmark(class string, more ...string) func(b *bench) ([]Measure, []string, error) {
	return func(b *bench) ([]Measure, []string, error) {
		build := exec.Command("./mvnw", "-B", "-ntp", "-q", "-DskipTests", "-pl", "bench/network", "-am", "package")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			return nil, nil, fmt.Errorf("building bench/network: %w", err)
		}
		java, err := b.java()
		if err != nil {
			return nil, nil, err
		}
		target := filepath.Join(b.root, "bench", "network", "target")
		options := filepath.Join(b.root, "app", "src", "main", "jvm")
		arguments := []string{
			"@" + filepath.Join(options, "common.options"), "@" + filepath.Join(options, "registry.options"),
			"-Dslf4j.provider=", "-Dslf4j.internal.verbosity=ERROR",
			"-cp", filepath.Join(target, "bench-network.jar") + ":" + filepath.Join(target, "lib", "*"),
		}
		arguments = append(append(arguments, more...), "spegel.bench."+class)
		command := exec.Command(java, arguments...)
		command.Stderr = os.Stderr
		output, err := command.Output()
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", class, err)
		}
		var result struct {
			Measures []Measure
			Remarks  []string
		}
		if err := json.Unmarshal(output, &result); err != nil {
			return nil, nil, fmt.Errorf("%s printed no result: %w", class, err)
		}
		measures := make([]Measure, len(result.Measures))
		for i, m := range result.Measures {
			measures[i] = newMeasure(m.Name, m.Unit, m.Samples...)
			measures[i].AtMost, measures[i].AtLeast = m.AtMost, m.AtLeast
		}
		return measures, result.Remarks, nil
	}
}

// java is the runtime that build/jdk.sh finds.
func (b *bench) java() (string, error) {
	home, err := exec.Command("sh", "-c", ". build/jdk.sh; find_jdk; echo $JAVA_HOME").Output()
	if err != nil {
		return "", fmt.Errorf("looking for a JDK: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(home)), "bin", "java"), nil
}
