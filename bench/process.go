package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// server is a process under measurement.
type server struct {
	command *exec.Cmd
	addr    string
	log     string
	started time.Time
	exited  chan struct{}
}

// startServer starts a process that logs to a file; addr is where it will answer /readyz.
func startServer(addr, log string, environment []string, arguments ...string) (*server, error) {
	output, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	command := exec.Command(arguments[0], arguments[1:]...)
	command.Env = environment
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s := &server{command: command, addr: addr, log: log, started: time.Now(), exited: make(chan struct{})}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go func() {
		command.Wait()
		close(s.exited)
	}()
	return s, nil
}

// awaitReady returns the time from exec to the first 200 on /readyz, asking every millisecond.
func (s *server) awaitReady(timeout time.Duration) (time.Duration, error) {
	for time.Since(s.started) < timeout {
		if ready(s.addr) {
			return time.Since(s.started), nil
		}
		select {
		case <-s.exited:
			return 0, s.failure("ended before it was ready")
		case <-time.After(time.Millisecond):
		}
	}
	return 0, s.failure("was not ready in " + timeout.String())
}

func (s *server) failure(what string) error {
	text, _ := os.ReadFile(s.log)
	return fmt.Errorf("%s %s; its log ends:\n%s", strings.Join(s.command.Args, " "), what, text[max(0, len(text)-2000):])
}

// stop ends the process and waits for it.
func (s *server) stop() {
	s.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(35 * time.Second):
		s.command.Process.Kill()
		<-s.exited
	}
}

func (s *server) running() bool {
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

func (s *server) pid() int { return s.command.Process.Pid }

// cpuSeconds is the processor time of all threads of the process, those that have ended too: the account of
// /proc/PID/stat, read through the process's clock because the file counts in steps of 10 ms.
func (s *server) cpuSeconds() (float64, error) {
	var t syscall.Timespec
	const schedulerClock = 2 // CPUCLOCK_SCHED of the process that the upper bits name
	clock := uintptr(^s.pid()<<3 | schedulerClock)
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0, errno
	}
	return time.Duration(t.Nano()).Seconds(), nil
}

// memory is in MiB.
type memory struct {
	Resident  float64 `json:"residentMiB"`
	Anonymous float64 `json:"anonymousMiB"`
	Peak      float64 `json:"peakResidentMiB"`
}

func (s *server) memory() (memory, error) {
	rollup, err := kibFields(fmt.Sprintf("/proc/%d/smaps_rollup", s.pid()))
	if err != nil {
		return memory{}, err
	}
	status, err := kibFields(fmt.Sprintf("/proc/%d/status", s.pid()))
	if err != nil {
		return memory{}, err
	}
	return memory{Resident: rollup["Rss"] / 1024, Anonymous: rollup["Anonymous"] / 1024, Peak: status["VmHWM"] / 1024}, nil
}

// kibFields reads the lines "Name: 123 kB" of a file.
func kibFields(path string) (map[string]float64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	fields := map[string]float64{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 3 && words[2] == "kB" {
			if fields[strings.TrimSuffix(words[0], ":")], err = strconv.ParseFloat(words[1], 64); err != nil {
				return nil, err
			}
		}
	}
	return fields, nil
}

// client runs a sub-command of this program in a process of its own, and decodes what it prints.
func client(result any, arguments ...string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(self, arguments...)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(arguments, " "), err)
	}
	return json.Unmarshal(output, result)
}

// startSelf starts a server to compare with, which is a sub-command of this program.
func startSelf(b *bench, name string, arguments ...string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	log := filepath.Join(b.directory, name+".log")
	s, err := startServer(addr, log, os.Environ(), append([]string{self, name, "--addr", addr}, arguments...)...)
	if err != nil {
		return nil, err
	}
	_, err = s.awaitReady(10 * time.Second)
	return s, err
}

// freeAddr is a loopback address that nobody listens on.
func freeAddr() (string, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// spegelArguments is the command line after the program's name; store is a list of flags.
func spegelArguments(addr string, store ...string) ([]string, error) {
	arguments := []string{"registry", "--registry-addr", addr}
	for _, flag := range []string{"--metrics-addr", "--router-addr"} {
		other, err := freeAddr()
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, flag, other)
	}
	return append(arguments, store...), nil
}

// startSpegel starts the shipped launcher and waits until it is ready. With a prefix, that is put before the command.
func (b *bench) startSpegel(prefix []string, store ...string) (*server, time.Duration, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, 0, err
	}
	arguments, err := spegelArguments(addr, store...)
	if err != nil {
		return nil, 0, err
	}
	command := append(append(prefix, b.launcher), arguments...)
	s, err := startServer(addr, filepath.Join(b.directory, "spegel.log"), os.Environ(), command...)
	if err != nil {
		return nil, 0, err
	}
	elapsed, err := s.awaitReady(30 * time.Second)
	if err != nil {
		s.stop()
	}
	return s, elapsed, err
}

// joiningFlags let another node begin with this one.
func (s *server) joiningFlags() ([]string, error) {
	i := slices.Index(s.command.Args, "--router-addr")
	if i < 0 {
		return nil, fmt.Errorf("%s has no router's address", strings.Join(s.command.Args, " "))
	}
	host, port, err := net.SplitHostPort(s.command.Args[i+1])
	return []string{"--bootstrap-kind=static", "--static-bootstrap-peers=/ip4/" + host + "/tcp/" + port}, err
}

// javaCommand is what the launcher turned into: the command and environment of the process.
func (s *server) javaCommand() (arguments, environment []string, err error) {
	split := func(file string) []string {
		text, readErr := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.pid(), file))
		err = errors.Join(err, readErr)
		return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
	}
	return split("cmdline"), split("environ"), err
}
