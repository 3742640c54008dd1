package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const (
	resultsDirectory = "bench/results"
	tablePage        = "docs/performance.md"
	tableBegin       = "<!-- bench/run writes from here -->"
	tableEnd         = "<!-- to here -->"
)

// Report is the file of one benchmark.
type Report struct {
	Benchmark string    `json:"benchmark"`
	Command   string    `json:"command"`
	Time      string    `json:"time"`
	Commit    string    `json:"commit"`
	Machine   machine   `json:"machine"`
	Remarks   []string  `json:"remarks"`
	Measures  []Measure `json:"measures"`
}

type machine struct {
	Cores     int    `json:"cores"`
	Processor string `json:"processor"`
	MemoryMiB int    `json:"memoryMiB"`
	Kernel    string `json:"kernel"`
	Java      string `json:"java"`
	Go        string `json:"go"`
}

func (b *bench) report(name string, measures []Measure, remarks []string) error {
	facts, err := b.machine()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(Report{
		Benchmark: name, Command: "bench/run " + name, Time: time.Now().UTC().Format(time.RFC3339), Commit: commit(),
		Machine: facts, Remarks: remarks, Measures: measures,
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(resultsDirectory, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(resultsDirectory, name+".json"), append(text, '\n'), 0o644)
}

// commit names what was measured, as far as git knows: the last commit that is not of bench or docs alone.
func commit() string {
	program := []string{"--", ".", ":!bench", ":!docs"}
	hash, err := exec.Command("git", append([]string{"log", "-1", "--format=%h"}, program...)...).Output()
	if err != nil {
		return "unknown"
	}
	changed, err := exec.Command("git", append([]string{"status", "--porcelain"}, program...)...).Output()
	if err != nil || len(changed) > 0 {
		return strings.TrimSpace(string(hash)) + " with changes"
	}
	return strings.TrimSpace(string(hash))
}

func (b *bench) machine() (machine, error) {
	memory, err := kibFields("/proc/meminfo")
	if err != nil {
		return machine{}, err
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return machine{}, err
	}
	processor, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return machine{}, err
	}
	java, err := b.javaVersion()
	return machine{
		Cores: runtime.NumCPU(), Processor: field(string(processor), "model name", ":"), MemoryMiB: int(memory["MemTotal"] / 1024),
		Kernel: strings.TrimSpace(string(kernel)), Java: java, Go: runtime.Version(),
	}, err
}

// javaVersion asks the release file of the JDK that the launcher really uses.
func (b *bench) javaVersion() (string, error) {
	s, _, err := b.startSpegel(nil, b.layoutFlags()...)
	if err != nil {
		return "", err
	}
	defer s.stop()
	executable, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", s.pid()))
	if err != nil {
		return "", err
	}
	release, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(executable)), "release"))
	unquoted := strings.ReplaceAll(string(release), `"`, "")
	return field(unquoted, "IMPLEMENTOR", "=") + " " + field(unquoted, "JAVA_RUNTIME_VERSION", "="), err
}

// field returns the value of the first line "name<separator>value".
func field(text, name, separator string) string {
	for line := range strings.Lines(text) {
		key, value, found := strings.Cut(line, separator)
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// writeTable puts the results that are there between the markers of the page.
func writeTable() error {
	var table bytes.Buffer
	for _, benchmark := range benchmarks {
		text, err := os.ReadFile(filepath.Join(resultsDirectory, benchmark.name+".json"))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		var report Report
		if err := json.Unmarshal(text, &report); err != nil {
			return err
		}
		report.write(&table)
	}
	page, err := os.ReadFile(tablePage)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(page), tableBegin)
	_, after, foundEnd := strings.Cut(rest, tableEnd)
	if !found || !foundEnd {
		return fmt.Errorf("%s has no place for the table: %s … %s", tablePage, tableBegin, tableEnd)
	}
	return os.WriteFile(tablePage, []byte(before+tableBegin+"\n"+table.String()+tableEnd+after), 0o644)
}

func (r Report) write(w *bytes.Buffer) {
	fmt.Fprintf(w, "\n### `%s`\n", r.Command)
	fmt.Fprintf(w, "%s, commit %s; %d cores (%s), %d MiB, Linux %s, %s, %s.\n", r.Time, r.Commit, r.Machine.Cores,
		r.Machine.Processor, r.Machine.MemoryMiB, r.Machine.Kernel, r.Machine.Java, r.Machine.Go)
	for _, remark := range r.Remarks {
		fmt.Fprintf(w, "%s\n", remark)
	}
	fmt.Fprintf(w, "\n| what | unit | median | min – max | n | must reach | reached |\n|---|---|---|---|---|---|---|\n")
	for _, m := range r.Measures {
		_, what, _ := strings.Cut(m.Name, ": ")
		goal := ""
		if m.AtMost != nil {
			goal = "≤ " + number(*m.AtMost)
		} else if m.AtLeast != nil {
			goal = "≥ " + number(*m.AtLeast)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s – %s | %d | %s | %s |\n", what, m.Unit, number(m.Median), number(m.Min), number(m.Max),
			len(m.Samples), goal, m.verdict())
	}
	fmt.Fprintln(w)
}

// number has three digits that count, at least.
func number(v float64) string {
	switch {
	case v == float64(int64(v)) || v >= 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= 100:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.3f", v)
	}
}
