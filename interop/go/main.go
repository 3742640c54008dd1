// Command interop runs go-libp2p hosts that a test commands from outside: each line on standard input is a request, each
// line on standard output an answer or a refusal. Requests are served at once; answers carry the request's number.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

const (
	maxLineBytes      = 1 << 20
	maxRequestsAtOnce = 512
	defaultTimeout    = 20 * time.Second
)

// request is a line of input. Which of the fields count depends on the operation.
type request struct {
	ID            int64     `json:"id"`
	Op            string    `json:"op"`
	Host          int       `json:"host"`
	TimeoutMillis int64     `json:"timeoutMillis"`
	Start         startSpec `json:"start"`
	Peer          string    `json:"peer"`
	Addrs         []string  `json:"addrs"`
	Protocol      string    `json:"protocol"`
	Keys          []string  `json:"keys"`
	Count         int       `json:"count"`
	Bytes         int64     `json:"bytes"`
	ChunkBytes    int       `json:"chunkBytes"`
	PauseMicros   int64     `json:"pauseMicros"`
	Open          bool      `json:"open"`
}

// answer is a line of output: a result, or an error.
type answer struct {
	ID     int64  `json:"id"`
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

// operation serves one request; ctx ends with the request's time.
type operation func(ctx context.Context, n *node, r *request) (any, error)

// operations are those on one host; "start" and "quit" are not.
var operations = map[string]operation{
	"stop":           stop,
	"connect":        connect,
	"learn":          learn,
	"disconnect":     disconnect,
	"connections":    connections,
	"protect":        protect,
	"trim":           trim,
	"identify":       identifyRaw,
	"known":          known,
	"ping":           pingPeer,
	"echo":           echo,
	"send":           send,
	"fetch":          fetch,
	"halfClose":      halfClose,
	"reset":          resetStream,
	"expectReset":    expectReset,
	"gate":           setGate,
	"handle":         handle,
	"counters":       counters,
	"bootstrap":      bootstrap,
	"table":          table,
	"refresh":        refresh,
	"provide":        provide,
	"startProviding": startProviding,
	"find":           find,
	"findPeer":       findPeer,
}

func main() {
	p := &program{out: json.NewEncoder(os.Stdout), slots: make(chan struct{}, maxRequestsAtOnce)}
	if err := p.serve(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// program is the hosts of this process and the conversation about them.
type program struct {
	slots chan struct{}

	outLock sync.Mutex
	out     *json.Encoder

	nodesLock sync.Mutex
	nodes     []*node
}

// serve answers requests until "quit" or the end of the input, and stops all hosts then.
func (p *program) serve(in io.Reader) error {
	defer p.stopAll()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("not a request: %w", err)
		}
		if r.Op == "quit" {
			return nil
		}
		p.slots <- struct{}{}
		go func() {
			defer func() { <-p.slots }()
			p.reply(&r)
		}()
	}
	return lines.Err()
}

func (p *program) reply(r *request) {
	timeout := defaultTimeout
	if r.TimeoutMillis > 0 {
		timeout = time.Duration(r.TimeoutMillis) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	a := answer{ID: r.ID}
	result, err := p.run(ctx, r)
	if err != nil {
		a.Error = err.Error()
	} else {
		a.Result = result
	}
	p.outLock.Lock()
	defer p.outLock.Unlock()
	if err := p.out.Encode(a); err != nil {
		fmt.Fprintln(os.Stderr, "cannot answer:", err)
	}
}

func (p *program) run(ctx context.Context, r *request) (any, error) {
	if r.Op == "start" {
		return p.start(r)
	}
	op := operations[r.Op]
	if op == nil {
		return nil, fmt.Errorf("no such operation: %q", r.Op)
	}
	n, err := p.node(r.Host)
	if err != nil {
		return nil, err
	}
	return op(ctx, n, r)
}

func (p *program) node(index int) (*node, error) {
	p.nodesLock.Lock()
	defer p.nodesLock.Unlock()
	if index < 0 || index >= len(p.nodes) {
		return nil, fmt.Errorf("no such host: %d", index)
	}
	return p.nodes[index], nil
}

// started tells of a host that runs.
type started struct {
	Host  int      `json:"host"`
	Peer  string   `json:"peer"`
	Addrs []string `json:"addrs"`
}

// start starts as many hosts as the request says, all of one kind.
func (p *program) start(r *request) (any, error) {
	count := max(1, r.Count)
	all := make([]started, 0, count)
	for range count {
		n, err := newNode(&r.Start)
		if err != nil {
			return nil, err
		}
		p.nodesLock.Lock()
		p.nodes = append(p.nodes, n)
		index := len(p.nodes) - 1
		p.nodesLock.Unlock()
		all = append(all, started{Host: index, Peer: n.host.ID().String(), Addrs: texts(n.host.Addrs())})
	}
	return all, nil
}

func (p *program) stopAll() {
	p.nodesLock.Lock()
	defer p.nodesLock.Unlock()
	var wait sync.WaitGroup
	for _, n := range p.nodes {
		wait.Go(func() { _ = n.close() })
	}
	wait.Wait()
}

var errTime = errors.New("not in time")
