package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// cluster is a number of nodes on 127.0.0.2, .3 and so on, which serve and route at the same ports each, as nodes do.
type cluster struct {
	b       *bench
	empty   string // an image layout without images
	ports   [3]string
	nodes   []*server
	started int
}

func (b *bench) newCluster() (*cluster, error) {
	c := &cluster{b: b, empty: filepath.Join(b.directory, "empty-layout")}
	if err := os.MkdirAll(c.empty, 0o755); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{
		"oci-layout": `{"imageLayoutVersion":"1.0.0"}`,
		"index.json": `{"schemaVersion":2,"manifests":[]}`,
	} {
		if err := os.WriteFile(filepath.Join(c.empty, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	for i := range c.ports {
		addr, err := freeAddr()
		if err != nil {
			return nil, err
		}
		if _, c.ports[i], err = net.SplitHostPort(addr); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *cluster) host(index int) string { return fmt.Sprintf("127.0.0.%d", index+2) }

// launch starts a node that knows the first nodes' addresses, and does not wait for it.
// With a prefix, that is put before the command.
func (c *cluster) launch(prefix []string, layout string, flags ...string) (*server, error) {
	index := c.started
	c.started++
	host := c.host(index)
	arguments := append(slices.Clone(prefix), c.b.launcher, "registry", "--store", "oci-layout:"+layout, "--bootstrap-kind", "static")
	for i, flag := range []string{"--registry-addr", "--router-addr", "--metrics-addr"} {
		arguments = append(arguments, flag, net.JoinHostPort(host, c.ports[i]))
	}
	for other := range 2 { // each of the first two names the other, too
		arguments = append(arguments, "--static-bootstrap-peers=/ip4/"+c.host(other)+"/tcp/"+c.ports[1])
	}
	log := filepath.Join(c.b.directory, fmt.Sprintf("node-%d.log", index))
	node, err := startServer(net.JoinHostPort(host, c.ports[0]), log, os.Environ(), append(arguments, flags...)...)
	if err == nil {
		c.nodes = append(c.nodes, node)
	}
	return node, err
}

// startAll launches the nodes and waits until all are ready; returns how long each took.
func (c *cluster) startAll(layouts ...string) ([]time.Duration, error) {
	var fresh []*server
	for _, layout := range layouts {
		node, err := c.launch(nil, layout, "--verify-blobs=never")
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, node)
	}
	var took []time.Duration
	results := make(chan error, len(fresh))
	durations := make(chan time.Duration, len(fresh))
	for _, node := range fresh {
		go func() {
			elapsed, err := node.awaitReady(60 * time.Second)
			durations <- elapsed
			results <- err
		}()
	}
	for range fresh {
		if err := <-results; err != nil {
			return nil, err
		}
		took = append(took, <-durations)
	}
	return took, nil
}

func (c *cluster) stop() {
	for _, node := range c.nodes {
		node.stop()
	}
}

// awaitFound asks a node for something until it has it from a peer.
func awaitFound(s *server, path string) error {
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		connection, err := net.DialTimeout("tcp", s.addr, 5*time.Second)
		if err != nil {
			return err
		}
		head, err := get(connection, path, make([]byte, 64*1024), func(int) {})
		connection.Close()
		if err != nil {
			return err
		}
		if head.status == 200 {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("%s does not find %s", s.addr, strings.SplitN(path, "?", 2)[0])
}
