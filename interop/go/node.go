package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p-kad-dht/provider"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

const (
	pemType   = "PRIVATE KEY"
	userAgent = "spegel-interop-go"
)

// startSpec says what kind of host to start.
type startSpec struct {
	// Listen holds multiaddrs of TCP; none is a free port of 127.0.0.1.
	Listen []string `json:"listen"`
	// KeyFile is a PKCS#8 PEM file, made when it is missing; none is a key in memory.
	KeyFile string `json:"keyFile"`
	// Security names what is offered, best first; none is the library's own order, which has TLS first.
	Security []string `json:"security"`
	// LowWater and HighWater are the connection manager's marks; 0 is the library's own.
	LowWater  int `json:"lowWater"`
	HighWater int `json:"highWater"`
	// Unlimited lifts the resource manager's limits.
	Unlimited bool `json:"unlimited"`
	// Kad runs a DHT server under the prefix /spegel.
	Kad bool `json:"kad"`
	// Registry makes the host a whole node; it needs Kad.
	Registry *registrySpec `json:"registry"`
}

// node is one host, with its DHT when it has one, and what the test protocols have seen.
type node struct {
	host     host.Host
	kad      *dht.IpfsDHT
	sweeping *provider.SweepingProvider
	registry *registry

	// gate holds handlers that read back while it is closed.
	gate *gate

	endingsLock sync.Mutex
	endings     []string

	sent, received counter
	closeOnce      sync.Once
	closeErr       error
}

func newNode(spec *startSpec) (*node, error) {
	options, err := spec.options()
	if err != nil {
		return nil, err
	}
	h, err := libp2p.New(options...)
	if err != nil {
		return nil, fmt.Errorf("cannot start a host: %w", err)
	}
	n := &node{host: h, gate: newGate()}
	n.serveTestProtocols()
	if spec.Kad {
		if err := n.startKad(); err != nil {
			_ = n.close()
			return nil, err
		}
	}
	if spec.Registry != nil {
		if err := n.startRegistry(spec.Registry); err != nil {
			_ = n.close()
			return nil, err
		}
	}
	return n, nil
}

func (s *startSpec) options() ([]libp2p.Option, error) {
	listen := s.Listen
	if len(listen) == 0 {
		listen = []string{"/ip4/127.0.0.1/tcp/0"}
	}
	options := []libp2p.Option{
		libp2p.ListenAddrStrings(listen...),
		libp2p.NoTransports,
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.DisableMetrics(),
		libp2p.UserAgent(userAgent),
		libp2p.AddrsFactory(announced(listen)),
	}
	for _, name := range s.Security {
		switch name {
		case "noise":
			options = append(options, libp2p.Security(noise.ID, noise.New))
		case "tls":
			options = append(options, libp2p.Security(libp2ptls.ID, libp2ptls.New))
		default:
			return nil, fmt.Errorf("no such security: %q", name)
		}
	}
	if s.KeyFile != "" {
		key, err := loadOrCreateKey(s.KeyFile)
		if err != nil {
			return nil, err
		}
		options = append(options, libp2p.Identity(key))
	}
	if s.HighWater > 0 {
		connections, err := connmgr.NewConnManager(s.LowWater, s.HighWater,
			connmgr.WithGracePeriod(time.Millisecond), connmgr.WithSilencePeriod(time.Hour))
		if err != nil {
			return nil, err
		}
		options = append(options, libp2p.ConnectionManager(connections))
	}
	if s.Unlimited {
		limits, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(rcmgr.InfiniteLimits))
		if err != nil {
			return nil, err
		}
		options = append(options, libp2p.ResourceManager(limits))
	}
	return options, nil
}

// announced leaves loopback addresses out, unless the host listens on nothing else.
func announced(listen []string) func([]ma.Multiaddr) []ma.Multiaddr {
	onLoopback := true
	for _, text := range listen {
		addr, err := ma.NewMultiaddr(text)
		onLoopback = onLoopback && err == nil && manet.IsIPLoopback(addr)
	}
	return func(addrs []ma.Multiaddr) []ma.Multiaddr {
		if onLoopback {
			return addrs
		}
		return ma.FilterAddrs(addrs, func(addr ma.Multiaddr) bool { return !manet.IsIPLoopback(addr) })
	}
}

// loadOrCreateKey reads an Ed25519 key in PKCS#8 PEM, or makes one.
func loadOrCreateKey(file string) (crypto.PrivKey, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		text, err = createKey(file)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemType {
		return nil, fmt.Errorf("%s: no PEM block %s", file, pemType)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	edKey, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: a %T", file, key)
	}
	private, _, err := crypto.KeyPairFromStdKey(&edKey)
	return private, err
}

func createKey(file string) ([]byte, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: pkcs8})
	return text, os.WriteFile(file, text, 0o600)
}

// close stops the host; a second call gives what the first gave.
func (n *node) close() error {
	n.closeOnce.Do(func() {
		var errs []error
		if n.registry != nil {
			errs = append(errs, n.registry.close())
		}
		if n.sweeping != nil {
			errs = append(errs, n.sweeping.Close())
		}
		if n.kad != nil {
			errs = append(errs, n.kad.Close())
		}
		n.closeErr = errors.Join(append(errs, n.host.Close())...)
	})
	return n.closeErr
}

func stop(_ context.Context, n *node, _ *request) (any, error) {
	return nil, n.close()
}

// addrInfo is the peer that a request names.
func (r *request) addrInfo() (peer.AddrInfo, error) {
	id, err := peer.Decode(r.Peer)
	if err != nil {
		return peer.AddrInfo{}, err
	}
	addrs, err := r.multiaddrs()
	return peer.AddrInfo{ID: id, Addrs: addrs}, err
}

func (r *request) multiaddrs() ([]ma.Multiaddr, error) {
	addrs := make([]ma.Multiaddr, 0, len(r.Addrs))
	for _, text := range r.Addrs {
		addr, err := ma.NewMultiaddr(text)
		if err != nil {
			return nil, err
		}
		addrs = append(addrs, addr)
	}
	return addrs, nil
}

func texts[T fmt.Stringer](values []T) []string {
	result := make([]string, 0, len(values))
	for _, value := range values {
		result = append(result, strings.TrimSpace(value.String()))
	}
	return result
}
