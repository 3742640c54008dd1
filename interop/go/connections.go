package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify/pb"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-msgio/pbio"
	ma "github.com/multiformats/go-multiaddr"
)

const maxIdentifyBytes = 8 << 10

type elapsed struct {
	Millis float64 `json:"millis"`
}

func since(begin time.Time) float64 {
	return float64(time.Since(begin).Microseconds()) / 1000
}

// connect dials a peer, as a bootstrap does, and returns when it has identified itself.
func connect(ctx context.Context, n *node, r *request) (any, error) {
	info, err := r.addrInfo()
	if err != nil {
		return nil, err
	}
	n.forgive(info.ID)
	begin := time.Now()
	if err := n.host.Connect(ctx, info); err != nil {
		return nil, err
	}
	return elapsed{since(begin)}, nil
}

// forgive lets a peer be dialled at once that did not answer before: what is tested is not this side's patience.
func (n *node) forgive(id peer.ID) {
	if s, ok := n.host.Network().(*swarm.Swarm); ok {
		s.Backoff().Clear(id)
	}
}

func learn(ctx context.Context, n *node, r *request) (any, error) {
	addrs, err := r.multiaddrs()
	if err != nil {
		return nil, err
	}
	id, err := n.learnID(ctx, addrs...)
	if err != nil {
		return nil, err
	}
	return struct {
		Peer string `json:"peer"`
	}{id.String()}, nil
}

// learnID dials an address with an id that nobody has, and takes the peer's real one from the refusal. That is how a
// node bootstraps from a name in the DNS: the dialer hangs up within the handshake.
func (n *node) learnID(ctx context.Context, addrs ...ma.Multiaddr) (peer.ID, error) {
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return "", err
	}
	nobody, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return "", err
	}
	err = n.host.Connect(ctx, peer.AddrInfo{ID: nobody, Addrs: addrs})
	n.host.Peerstore().ClearAddrs(nobody)
	n.host.Peerstore().RemovePeer(nobody)
	var mismatch sec.ErrPeerIDMismatch
	if !errors.As(err, &mismatch) {
		return "", fmt.Errorf("the address did not answer with another id: %w", err)
	}
	return mismatch.Actual, nil
}

func disconnect(_ context.Context, n *node, r *request) (any, error) {
	id, err := peer.Decode(r.Peer)
	if err != nil {
		return nil, err
	}
	return nil, n.host.Network().ClosePeer(id)
}

type connection struct {
	Peer     string `json:"peer"`
	Remote   string `json:"remote"`
	Inbound  bool   `json:"inbound"`
	Security string `json:"security"`
	Muxer    string `json:"muxer"`
	Early    bool   `json:"early"`
	Streams  int    `json:"streams"`
}

// connections lists those with one peer, or all.
func connections(_ context.Context, n *node, r *request) (any, error) {
	open := n.host.Network().Conns()
	if r.Peer != "" {
		id, err := peer.Decode(r.Peer)
		if err != nil {
			return nil, err
		}
		open = n.host.Network().ConnsToPeer(id)
	}
	all := make([]connection, 0, len(open))
	for _, c := range open {
		state := c.ConnState()
		all = append(all, connection{
			Peer:     c.RemotePeer().String(),
			Remote:   c.RemoteMultiaddr().String(),
			Inbound:  c.Stat().Direction == network.DirInbound,
			Security: string(state.Security),
			Muxer:    string(state.StreamMultiplexer),
			Early:    state.UsedEarlyMuxerNegotiation,
			Streams:  len(c.GetStreams()),
		})
	}
	return all, nil
}

// protect keeps the connection manager from closing connections with the peer, or lets it again.
func protect(_ context.Context, n *node, r *request) (any, error) {
	id, err := peer.Decode(r.Peer)
	if err != nil {
		return nil, err
	}
	if r.Open {
		n.host.ConnManager().Protect(id, "test")
	} else {
		n.host.ConnManager().Unprotect(id, "test")
	}
	return nil, nil
}

// trim has the connection manager close what is above its low mark.
func trim(ctx context.Context, n *node, _ *request) (any, error) {
	n.host.ConnManager().TrimOpenConns(ctx)
	return nil, nil
}

type identity struct {
	Protocols       []string `json:"protocols"`
	Agent           string   `json:"agent"`
	ProtocolVersion string   `json:"protocolVersion"`
	Addrs           []string `json:"addrs"`
	Observed        string   `json:"observed"`
	Local           string   `json:"local"`
	KeyMatches      bool     `json:"keyMatches"`
}

// identifyRaw asks the peer by a stream of its own and gives all that it says.
func identifyRaw(ctx context.Context, n *node, r *request) (any, error) {
	id, err := peer.Decode(r.Peer)
	if err != nil {
		return nil, err
	}
	stream, err := n.host.NewStream(ctx, id, identify.ID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Reset() }()
	if err := limitTime(ctx, stream); err != nil {
		return nil, err
	}
	said, err := readIdentify(stream)
	if err != nil {
		return nil, err
	}
	key, err := crypto.UnmarshalPublicKey(said.GetPublicKey())
	if err != nil {
		return nil, err
	}
	observed, err := ma.NewMultiaddrBytes(said.GetObservedAddr())
	if err != nil {
		return nil, err
	}
	result := identity{
		Protocols:       said.GetProtocols(),
		Agent:           said.GetAgentVersion(),
		ProtocolVersion: said.GetProtocolVersion(),
		Observed:        observed.String(),
		Local:           stream.Conn().LocalMultiaddr().String(),
		KeyMatches:      id.MatchesPublicKey(key),
	}
	for _, encoded := range said.GetListenAddrs() {
		addr, err := ma.NewMultiaddrBytes(encoded)
		if err != nil {
			return nil, err
		}
		result.Addrs = append(result.Addrs, addr.String())
	}
	return result, nil
}

// readIdentify reads to the end of the stream: what is left unsaid by the first part may stand in a later one.
func readIdentify(stream io.Reader) (*pb.Identify, error) {
	parts := pbio.NewDelimitedReader(stream, maxIdentifyBytes)
	said := &pb.Identify{}
	for {
		part := &pb.Identify{}
		err := parts.ReadMsg(part)
		if errors.Is(err, io.EOF) {
			return said, nil
		}
		if err != nil {
			return nil, err
		}
		mergeIdentify(said, part)
	}
}

func mergeIdentify(said, part *pb.Identify) {
	said.Protocols = append(said.Protocols, part.Protocols...)
	said.ListenAddrs = append(said.ListenAddrs, part.ListenAddrs...)
	if part.PublicKey != nil {
		said.PublicKey = part.PublicKey
	}
	if part.ObservedAddr != nil {
		said.ObservedAddr = part.ObservedAddr
	}
	if part.AgentVersion != nil {
		said.AgentVersion = part.AgentVersion
	}
	if part.ProtocolVersion != nil {
		said.ProtocolVersion = part.ProtocolVersion
	}
}

// known gives what this host has learned of a peer by its own identify service and by pushes.
func known(_ context.Context, n *node, r *request) (any, error) {
	id, err := peer.Decode(r.Peer)
	if err != nil {
		return nil, err
	}
	protocols, err := n.host.Peerstore().GetProtocols(id)
	if err != nil {
		return nil, err
	}
	result := identity{Addrs: texts(n.host.Peerstore().Addrs(id))}
	for _, protocol := range protocols {
		result.Protocols = append(result.Protocols, string(protocol))
	}
	if agent, err := n.host.Peerstore().Get(id, "AgentVersion"); err == nil {
		result.Agent = fmt.Sprint(agent)
	}
	return result, nil
}

// pingPeer pings as often as the request's count says and gives each round trip in milliseconds.
func pingPeer(ctx context.Context, n *node, r *request) (any, error) {
	id, err := peer.Decode(r.Peer)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := ping.Ping(ctx, n.host, id)
	millis := make([]float64, 0, r.Count)
	for range r.Count {
		select {
		case result, ok := <-results:
			if !ok {
				return nil, errTime
			}
			if result.Error != nil {
				return nil, result.Error
			}
			millis = append(millis, float64(result.RTT.Microseconds())/1000)
		case <-ctx.Done():
			return nil, errTime
		}
	}
	return millis, nil
}
