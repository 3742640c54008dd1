package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const starts = 9

// measureReady takes the time from exec to the first 200 on /readyz, for the launcher and for the java command that it
// ends in, beside a containerd and with a layout, taking turns.
func (b *bench) measureReady() ([]Measure, []string, error) {
	c, err := b.startContainerd(b.layout.Small)
	if err != nil {
		return nil, nil, err
	}
	defer c.process.stop()
	stores := []struct {
		name  string
		flags []string
	}{{"containerd", c.flags()}, {"oci-layout", b.layoutFlags()}}
	samples := map[string][]float64{}
	for i := range starts + 1 { // the first is a warm-up: after it, what is read comes from the page cache
		for _, store := range stores {
			launched, direct, err := b.startTwice(store.flags)
			if err != nil {
				return nil, nil, err
			}
			if i > 0 {
				samples["./spegel, "+store.name] = append(samples["./spegel, "+store.name], launched.Seconds())
				samples["java, "+store.name] = append(samples["java, "+store.name], direct.Seconds())
			}
		}
	}
	var measures []Measure
	for _, store := range stores {
		for _, command := range []string{"./spegel, ", "java, "} {
			name := command + store.name
			measures = append(measures, newMeasure("ready: "+name, "s", samples[name]...).atMost(1.0))
		}
	}
	return measures, []string{"Time from exec to the first 200 on /readyz, asked every millisecond; the page cache is warm."}, nil
}

// startTwice starts the launcher, and then the command that it became, each until it is ready.
func (b *bench) startTwice(store []string) (launched, direct time.Duration, err error) {
	s, launched, err := b.startSpegel(nil, store...)
	if err != nil {
		return 0, 0, err
	}
	arguments, environment, err := s.javaCommand()
	s.stop()
	if err != nil {
		return 0, 0, err
	}
	again, err := startServer(s.addr, filepath.Join(b.directory, "java.log"), environment, arguments...)
	if err != nil {
		return 0, 0, err
	}
	defer again.stop()
	direct, err = again.awaitReady(30 * time.Second)
	return launched, direct, err
}

// measureLauncher takes the time that the shell script needs before the process is java: a second call should add less
// than 50 ms.
func (b *bench) measureLauncher() ([]Measure, []string, error) {
	var millis []float64
	for range starts {
		addr, err := freeAddr()
		if err != nil {
			return nil, nil, err
		}
		arguments, err := spegelArguments(addr, b.layoutFlags()...)
		if err != nil {
			return nil, nil, err
		}
		s, err := startServer(addr, filepath.Join(b.directory, "spegel.log"), os.Environ(), append([]string{b.launcher}, arguments...)...)
		if err != nil {
			return nil, nil, err
		}
		elapsed, err := s.awaitJava(30 * time.Second)
		s.stop()
		if err != nil {
			return nil, nil, err
		}
		millis = append(millis, float64(elapsed.Microseconds())/1000)
	}
	return []Measure{newMeasure("launcher: exec of ./spegel to exec of java", "ms", millis...).atMost(50)}, nil, nil
}

// awaitJava returns the time from exec of the launcher until the process is java.
func (s *server) awaitJava(timeout time.Duration) (time.Duration, error) {
	for time.Since(s.started) < timeout && s.running() {
		executable, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", s.pid()))
		if err == nil && strings.HasSuffix(executable, "/java") {
			return time.Since(s.started), nil
		}
		time.Sleep(200 * time.Microsecond)
	}
	return 0, s.failure("did not become java")
}
