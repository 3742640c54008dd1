package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipfs/go-cid"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p-kad-dht/provider"
	"github.com/libp2p/go-libp2p-kad-dht/records"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	mh "github.com/multiformats/go-multihash"
)

const (
	kadPrefix         = "/spegel"
	reprovideInterval = 15 * time.Minute
	maxReprovideDelay = 2 * time.Minute
	addressLifetime   = time.Hour
	maxKeysAtOnce     = 10_000
)

var errNoKad = errors.New("this host was started without kad")

// startKad runs the DHT with the parameters of the network: always a server, records that outlive a late announcement.
func (n *node) startKad() error {
	var err error
	n.kad, err = dht.New(n.host,
		dht.Mode(dht.ModeServer),
		dht.ProtocolPrefix(kadPrefix),
		dht.ProviderManagerOpts(
			records.ProvideValidity(reprovideInterval+2*maxReprovideDelay),
			records.ProviderAddrTTL(addressLifetime),
		))
	if err != nil {
		return err
	}
	n.sweeping, err = provider.New(
		provider.WithHost(n.host),
		provider.WithRouter(n.kad),
		provider.WithMessageSender(n.kad.MessageSender()),
		provider.WithSelfAddrs(func() []ma.Multiaddr { return n.host.Addrs() }),
		provider.WithReprovideInterval(reprovideInterval),
		provider.WithMaxReprovideDelay(maxReprovideDelay),
		provider.WithOfflineDelay(0),
		provider.WithConnectivityCheckOnlineInterval(30*time.Second),
		provider.WithAddLocalRecord(n.addLocalRecord))
	return err
}

func (n *node) addLocalRecord(ctx context.Context, hash mh.Multihash) error {
	return n.kad.ProviderStore().AddProvider(ctx, hash, peer.AddrInfo{ID: n.host.ID()})
}

// keyOf is the content id under which a text is announced.
func keyOf(text string) (cid.Cid, error) {
	return cid.Prefix{Version: 1, Codec: cid.Raw, MhType: mh.SHA2_256, MhLength: -1}.Sum([]byte(text))
}

// bootstrap connects to the peer and has the routing table filled from there.
func bootstrap(ctx context.Context, n *node, r *request) (any, error) {
	if n.kad == nil {
		return nil, errNoKad
	}
	if _, err := connect(ctx, n, r); err != nil {
		return nil, err
	}
	for n.kad.RoutingTable().Size() == 0 {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the peer was not admitted to the routing table: %w", errTime)
		case <-time.After(5 * time.Millisecond):
		}
	}
	return refresh(ctx, n, r)
}

// refresh looks through the whole routing table and returns when that is done.
func refresh(ctx context.Context, n *node, _ *request) (any, error) {
	if n.kad == nil {
		return nil, errNoKad
	}
	begin := time.Now()
	select {
	case err := <-n.kad.RefreshRoutingTable():
		return elapsed{since(begin)}, err
	case <-ctx.Done():
		return nil, errTime
	}
}

// table lists the peers in the routing table.
func table(_ context.Context, n *node, _ *request) (any, error) {
	if n.kad == nil {
		return nil, errNoKad
	}
	return texts(n.kad.RoutingTable().ListPeers()), nil
}

// provide announces the keys one by one, and returns when the nearest peers have been told of all.
func provide(ctx context.Context, n *node, r *request) (any, error) {
	if n.kad == nil {
		return nil, errNoKad
	}
	begin := time.Now()
	for _, key := range r.Keys {
		id, err := keyOf(key)
		if err != nil {
			return nil, err
		}
		if err := n.kad.Provide(ctx, id, true); err != nil {
			return nil, err
		}
	}
	return elapsed{since(begin)}, nil
}

// startProviding hands the keys to the provider that announces them in the background, as the Go program does.
func startProviding(ctx context.Context, n *node, r *request) (any, error) {
	if n.kad == nil {
		return nil, errNoKad
	}
	if len(r.Keys) > maxKeysAtOnce {
		return nil, fmt.Errorf("%d keys are too many", len(r.Keys))
	}
	return nil, n.announce(ctx, r.Keys)
}

// announce has the keys known here at once, and to others in the background, as soon as there are some.
func (n *node) announce(ctx context.Context, keys []string) error {
	hashes := make([]mh.Multihash, 0, len(keys))
	for _, key := range keys {
		id, err := keyOf(key)
		if err != nil {
			return err
		}
		if err := n.addLocalRecord(ctx, id.Hash()); err != nil {
			return err
		}
		hashes = append(hashes, id.Hash())
	}
	return n.sweeping.StartProviding(false, hashes...)
}

type found struct {
	Peer   string   `json:"peer"`
	Addrs  []string `json:"addrs"`
	Millis float64  `json:"millis"`
}

// find looks for providers of the first key, until there are as many as the request's count, or no more.
func find(ctx context.Context, n *node, r *request) (any, error) {
	if n.kad == nil {
		return nil, errNoKad
	}
	if len(r.Keys) != 1 {
		return nil, errors.New("find takes one key")
	}
	id, err := keyOf(r.Keys[0])
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	providers := []found{}
	for info := range n.kad.FindProvidersAsync(ctx, id, r.Count) {
		providers = append(providers, found{info.ID.String(), texts(info.Addrs), since(begin)})
	}
	return providers, nil
}

// findPeer looks for the addresses of a peer through the DHT.
func findPeer(ctx context.Context, n *node, r *request) (any, error) {
	if n.kad == nil {
		return nil, errNoKad
	}
	id, err := peer.Decode(r.Peer)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	info, err := n.kad.FindPeer(ctx, id)
	if err != nil {
		return nil, err
	}
	return found{info.ID.String(), texts(info.Addrs), since(begin)}, nil
}
