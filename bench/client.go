package main

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"net"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// fetchResult is what the sub-command "fetch" prints.
type fetchResult struct {
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpuSeconds"`
	Bytes      int64   `json:"bytes"`
}

// fetchCommand reads one blob to nowhere through a buffer of 1 MiB.
func fetchCommand(args []string) error {
	flags := flag.NewFlagSet("fetch", flag.ExitOnError)
	addr := flags.String("addr", "", "host:port")
	path := flags.String("path", "", "path with query")
	size := flags.Int64("size", 0, "length that the body must have")
	flags.Parse(args)
	buffer := make([]byte, mib)
	start := time.Now()
	connection, err := net.Dial("tcp", *addr)
	if err != nil {
		return err
	}
	defer connection.Close()
	head, err := get(connection, *path, buffer, nil)
	if err != nil {
		return err
	}
	seconds := time.Since(start).Seconds()
	if head.status != 200 || head.contentLength != *size {
		return fmt.Errorf("status %d, %d bytes instead of %d for %s", head.status, head.contentLength, *size, *path)
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
	return printJSON(fetchResult{Seconds: seconds, CPUSeconds: cpu, Bytes: head.contentLength})
}

// manifestsResult is what the sub-command "manifests" prints; times are in microseconds.
type manifestsResult struct {
	Requests   int     `json:"requests"`
	Errors     int     `json:"errors"`
	PerSecond  float64 `json:"perSecond"`
	P50        float64 `json:"p50Micros"`
	P99        float64 `json:"p99Micros"`
	P999       float64 `json:"p999Micros"`
	CPUSeconds float64 `json:"cpuSeconds"`
}

// asker is one connection that has one request under way.
type asker struct {
	fd     int
	sent   time.Time
	filled int
	buffer [16384]byte
}

// manifestsCommand keeps some connections busy with one request each, from one thread, and compares every body.
func manifestsCommand(args []string) error {
	flags := flag.NewFlagSet("manifests", flag.ExitOnError)
	addr := flags.String("addr", "", "host:port")
	path := flags.String("path", "", "path with query; with --distinct, it has a %064x for the digits of a digest")
	body := flags.String("body", "", "file with the body that every answer must have; empty for any")
	status := flags.Int("status", 200, "that every answer must have")
	distinct := flags.Bool("distinct", false, "ask for another digest each time")
	connections := flags.Int("connections", 8, "kept busy")
	seconds := flags.Float64("seconds", 5, "how long")
	flags.Parse(args)
	var expected []byte
	var err error
	if *body != "" {
		if expected, err = os.ReadFile(*body); err != nil {
			return err
		}
	}
	address, err := net.ResolveTCPAddr("tcp4", *addr)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	load := manifestLoad{
		target:   &syscall.SockaddrInet4{Port: address.Port, Addr: [4]byte(address.IP.To4())},
		path:     *path,
		distinct: *distinct,
		request:  requestFor(*path),
		status:   *status,
		expected: expected,
		nanos:    make([]uint32, 0, int(*seconds*200_000)),
	}
	return load.run(*connections, time.Duration(*seconds*float64(time.Second)))
}

type manifestLoad struct {
	target   *syscall.SockaddrInet4
	path     string
	distinct bool
	asked    int
	request  []byte
	status   int
	expected []byte // nil for any
	poll     *poll
	askers   map[int]*asker
	nanos    []uint32
	errors   int
}

func (l *manifestLoad) run(connections int, duration time.Duration) error {
	var err error
	if l.poll, err = newPoll(); err != nil {
		return err
	}
	l.askers = map[int]*asker{}
	start := time.Now()
	for range connections {
		if err := l.connect(); err != nil {
			return err
		}
	}
	for time.Since(start) < duration {
		ready, err := l.poll.wait(1000)
		if err != nil {
			return err
		}
		if len(ready) == 0 {
			l.errors++ // nobody answered for a second
		}
		for _, fd := range ready {
			if !l.answered(l.askers[fd]) {
				l.errors++
				syscall.Close(fd)
				delete(l.askers, fd)
				if err := l.connect(); err != nil {
					return err
				}
			}
		}
	}
	elapsed := time.Since(start).Seconds()
	slices.Sort(l.nanos)
	micros := func(q float64) float64 { return float64(quantile(l.nanos, q)) / 1000 }
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	return printJSON(manifestsResult{
		Requests: len(l.nanos), Errors: l.errors, PerSecond: float64(len(l.nanos)) / elapsed,
		P50: micros(0.5), P99: micros(0.99), P999: micros(0.999),
		CPUSeconds: time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds(),
	})
}

func (l *manifestLoad) connect() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := syscall.Connect(fd, l.target); err != nil {
		return err
	}
	if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
		return err
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		return err
	}
	a := &asker{fd: fd}
	l.askers[fd] = a
	if err := l.poll.add(fd); err != nil {
		return err
	}
	if !l.ask(a) {
		return fmt.Errorf("could not send a request")
	}
	return nil
}

func requestFor(path string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: bench\r\n\r\n")
}

func (l *manifestLoad) ask(a *asker) bool {
	if l.distinct {
		l.asked++
		l.request = requestFor(fmt.Sprintf(l.path, os.Getpid()<<32+l.asked))
	}
	a.filled = 0
	a.sent = time.Now()
	n, _ := rawWrite(a.fd, l.request)
	return n == len(l.request)
}

// answered takes what has arrived, and asks again once the answer is whole; false for a wrong answer or none.
func (l *manifestLoad) answered(a *asker) bool {
	n, errno := rawRead(a.fd, a.buffer[a.filled:])
	if errno == syscall.EAGAIN {
		return true
	}
	if n <= 0 {
		return false
	}
	a.filled += n
	head, complete, err := parseHead(a.buffer[:a.filled])
	if err != nil {
		return false
	}
	if !complete || int64(a.filled-head.bytes) < head.contentLength {
		return a.filled < len(a.buffer)
	}
	if head.status != l.status || (l.expected != nil && !bytes.Equal(a.buffer[head.bytes:a.filled], l.expected)) {
		return false
	}
	l.nanos = append(l.nanos, uint32(min(time.Since(a.sent), math.MaxUint32)))
	return l.ask(a)
}

// readersResult is what the sub-command "readers" prints; times are in microseconds.
type readersResult struct {
	Blobs     int64   `json:"blobs"` // whole ones
	Bytes     int64   `json:"bytes"` // of blobs, whole or not
	Manifests int64   `json:"manifests"`
	Errors    int64   `json:"errors"`
	FirstErr  string  `json:"firstError,omitempty"`
	Probes    int     `json:"probes"`
	ProbeP50  float64 `json:"probeP50Micros"`
	ProbeP99  float64 `json:"probeP99Micros"`
}

// readers are many connections at once: some pull blobs as fast as they can, some slowly, some ask for manifests, and
// one more asks for /readyz every 20 ms.
type readers struct {
	addr     string
	deadline time.Time
	result   readersResult
	failure  sync.Once
	group    sync.WaitGroup
}

func readersCommand(args []string) error {
	flags := flag.NewFlagSet("readers", flag.ExitOnError)
	addr := flags.String("addr", "", "host:port")
	fast := flags.Int("fast", 0, "connections that pull the blobs")
	slow := flags.Int("slow", 0, "connections that pull the blobs with 64 KiB/s each")
	asking := flags.Int("asking", 0, "connections that ask for the manifest")
	manifest := flags.String("manifest", "", "path of the manifest")
	seconds := flags.Float64("seconds", 30, "how long")
	flags.Parse(args) // what is left are the paths of the blobs
	r := &readers{addr: *addr, deadline: time.Now().Add(time.Duration(*seconds * float64(time.Second)))}
	for i := range *fast {
		r.start(flags.Arg(i%flags.NArg()), 64*1024, 0, &r.result.Blobs)
	}
	for i := range *slow {
		r.start(flags.Arg(i%flags.NArg()), 16*1024, 250*time.Millisecond, &r.result.Blobs)
	}
	for range *asking {
		r.start(*manifest, 16*1024, 0, &r.result.Manifests)
	}
	probes := r.probe()
	r.group.Wait()
	slices.Sort(probes)
	r.result.Probes = len(probes)
	r.result.ProbeP50 = float64(quantile(probes, 0.5)) / 1000
	r.result.ProbeP99 = float64(quantile(probes, 0.99)) / 1000
	return printJSON(&r.result)
}

func (r *readers) start(path string, bufferBytes int, pause time.Duration, count *int64) {
	r.group.Go(func() {
		buffer := make([]byte, bufferBytes)
		for time.Now().Before(r.deadline) {
			if err := r.repeat(path, buffer, pause, count); err != nil {
				atomic.AddInt64(&r.result.Errors, 1)
				r.failure.Do(func() { r.result.FirstErr = path + ": " + err.Error() })
				time.Sleep(50 * time.Millisecond)
			}
		}
	})
}

// repeat asks over one connection until the deadline, which is no error.
func (r *readers) repeat(path string, buffer []byte, pause time.Duration, count *int64) error {
	connection, err := net.DialTimeout("tcp", r.addr, 5*time.Second)
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetDeadline(r.deadline)
	if pause > 0 {
		connection.(*net.TCPConn).SetReadBuffer(len(buffer))
	}
	received := func(bytes int) {
		atomic.AddInt64(&r.result.Bytes, int64(bytes))
		time.Sleep(pause)
	}
	for {
		head, err := get(connection, path, buffer, received)
		if !time.Now().Before(r.deadline) {
			return nil
		}
		if err != nil {
			return err
		}
		if head.status != 200 {
			return fmt.Errorf("status %d", head.status)
		}
		atomic.AddInt64(count, 1)
	}
}

// probe asks /readyz over connections of its own, as a kubelet does.
func (r *readers) probe() []uint32 {
	var nanos []uint32
	for time.Now().Before(r.deadline) {
		start := time.Now()
		if !ready(r.addr) {
			atomic.AddInt64(&r.result.Errors, 1)
			r.failure.Do(func() { r.result.FirstErr = "/readyz did not answer 200" })
		}
		nanos = append(nanos, uint32(min(time.Since(start), math.MaxUint32)))
		time.Sleep(20 * time.Millisecond)
	}
	return nanos
}
