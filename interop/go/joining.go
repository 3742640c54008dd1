package main

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

const (
	minJoinDelay  = 50 * time.Millisecond
	maxJoinDelay  = 10 * time.Second
	joinTime      = 5 * time.Second
	checkInterval = time.Second
)

// joined tells whether the node knows others and is connected with one.
func (n *node) joined() bool {
	return n.kad.RoutingTable().Size() > 0 && len(n.host.Network().Peers()) > 0
}

// stayJoined looks for first peers until there are some, and again whenever all are lost.
func (n *node) stayJoined(ctx context.Context, addrs []string) {
	delay := minJoinDelay
	for {
		wait := checkInterval
		if !n.joined() {
			n.join(ctx, addrs)
			wait = delay
			delay = min(2*delay, maxJoinDelay)
		} else {
			delay = minJoinDelay
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// join connects to all that answer at the addresses, and fills the routing table from there.
func (n *node) join(ctx context.Context, addrs []string) {
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	reached := 0
	for _, text := range addrs {
		addr, err := ma.NewMultiaddr(text)
		if err != nil || n.listensOn(addr) {
			continue
		}
		id, err := n.learnID(ctx, addr)
		if err != nil {
			continue // Not there yet.
		}
		if n.host.Connect(ctx, peer.AddrInfo{ID: id, Addrs: []ma.Multiaddr{addr}}) == nil {
			reached++
		}
	}
	if reached > 0 {
		select {
		case <-n.kad.RefreshRoutingTable():
		case <-ctx.Done():
		}
	}
}

func (n *node) listensOn(addr ma.Multiaddr) bool {
	return ma.Contains(n.host.Addrs(), addr)
}
