package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// The protocols that all sides of the tests serve; interop/README.md says what each does.
const (
	echoProtocol   = protocol.ID("/interop/echo/1.0.0")
	sinkProtocol   = protocol.ID("/interop/sink/1.0.0")
	sourceProtocol = protocol.ID("/interop/source/1.0.0")
	holdProtocol   = protocol.ID("/interop/hold/1.0.0")
	resetProtocol  = protocol.ID("/interop/reset/1.0.0")
)

const (
	chunkBytes       = 64 << 10
	handlerTime      = 3 * time.Minute
	maxSourceBytes   = 1 << 30
	maxEndings       = 4096
	maxStreamsAtOnce = 4096
)

// counter counts bytes.
type counter struct{ n atomic.Int64 }

// gate lets through while it is open.
type gate struct {
	lock sync.Mutex
	open chan struct{}
}

func newGate() *gate {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	return g
}

func (g *gate) set(open bool) {
	g.lock.Lock()
	defer g.lock.Unlock()
	select {
	case <-g.open:
		if !open {
			g.open = make(chan struct{})
		}
	default:
		if open {
			close(g.open)
		}
	}
}

func (g *gate) pass() error {
	g.lock.Lock()
	open := g.open
	g.lock.Unlock()
	select {
	case <-open:
		return nil
	case <-time.After(handlerTime):
		return errTime
	}
}

func setGate(_ context.Context, n *node, r *request) (any, error) {
	n.gate.set(r.Open)
	return nil, nil
}

// counters gives the bytes that the test protocols have moved, and how streams of the protocol hold have ended.
func counters(_ context.Context, n *node, _ *request) (any, error) {
	n.endingsLock.Lock()
	defer n.endingsLock.Unlock()
	return struct {
		Sent     int64    `json:"sent"`
		Received int64    `json:"received"`
		Endings  []string `json:"endings"`
	}{n.sent.n.Load(), n.received.n.Load(), append([]string{}, n.endings...)}, nil
}

func (n *node) serveTestProtocols() {
	n.serve(echoProtocol, func(s network.Stream) error {
		_, err := io.Copy(s, s)
		return err
	})
	n.serve(sinkProtocol, n.serveSink)
	n.serve(sourceProtocol, n.serveSource)
	n.serve(holdProtocol, n.serveHold)
	n.serve(resetProtocol, func(s network.Stream) error {
		_, err := io.ReadFull(s, make([]byte, 1))
		return errors.Join(err, errors.New("to be reset"))
	})
}

// handle serves one protocol more from now on, by closing its streams; peers are told by identify-push.
func handle(_ context.Context, n *node, r *request) (any, error) {
	n.serve(protocol.ID(r.Protocol), func(network.Stream) error { return nil })
	return nil, nil
}

// serve closes a stream when its handler returns, and resets it when that fails.
func (n *node) serve(id protocol.ID, handler func(network.Stream) error) {
	n.host.SetStreamHandler(id, func(s network.Stream) {
		_ = s.SetDeadline(time.Now().Add(handlerTime))
		if err := handler(s); err != nil {
			_ = s.Reset()
			return
		}
		_ = s.Close()
	})
}

// serveSink reads to the end, as fast as the gate lets it, and answers with the SHA-256 of what came.
func (n *node) serveSink(s network.Stream) error {
	digest := sha256.New()
	chunk := make([]byte, chunkBytes)
	for {
		if err := n.gate.pass(); err != nil {
			return err
		}
		got, err := s.Read(chunk)
		n.received.n.Add(int64(got))
		_, _ = digest.Write(chunk[:got])
		if errors.Is(err, io.EOF) {
			_, err := s.Write(digest.Sum(nil))
			return err
		}
		if err != nil {
			return err
		}
	}
}

// serveSource reads a length of eight bytes, big-endian, and sends that many random bytes and their SHA-256.
func (n *node) serveSource(s network.Stream) error {
	var length [8]byte
	if _, err := io.ReadFull(s, length[:]); err != nil {
		return err
	}
	total := binary.BigEndian.Uint64(length[:])
	if total > maxSourceBytes {
		return fmt.Errorf("%d bytes asked for", total)
	}
	digest, err := n.writeRandom(s, int64(total))
	if err != nil {
		return err
	}
	_, err = s.Write(digest)
	return err
}

// writeRandom sends that many bytes and gives their SHA-256.
func (n *node) writeRandom(s io.Writer, total int64) ([]byte, error) {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, err
	}
	random := mathrand.NewChaCha8(seed)
	digest := sha256.New()
	chunk := make([]byte, chunkBytes)
	for left := total; left > 0; {
		piece := chunk[:min(left, chunkBytes)]
		_, _ = random.Read(piece)
		_, _ = digest.Write(piece)
		done, err := s.Write(piece)
		n.sent.n.Add(int64(done))
		if err != nil {
			return nil, err
		}
		left -= int64(done)
	}
	return digest.Sum(nil), nil
}

// serveHold sends one byte, waits for the peer to end the stream, and remembers how it did; after an end in good order it
// sends one byte more.
func (n *node) serveHold(s network.Stream) error {
	if _, err := s.Write([]byte{'+'}); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, s)
	ending := "end"
	if err != nil {
		ending = "error"
		if errors.Is(err, network.ErrReset) {
			ending = "reset"
		}
	}
	n.endingsLock.Lock()
	if len(n.endings) < maxEndings {
		n.endings = append(n.endings, ending)
	}
	n.endingsLock.Unlock()
	if err != nil {
		return err
	}
	_, err = s.Write([]byte{'.'})
	return err
}

// open opens a stream that lives no longer than ctx.
func (n *node) open(ctx context.Context, r *request, id protocol.ID) (network.Stream, error) {
	to, err := peer.Decode(r.Peer)
	if err != nil {
		return nil, err
	}
	stream, err := n.host.NewStream(network.WithNoDial(ctx, "the test connects by itself"), to, id)
	if err != nil {
		return nil, err
	}
	return stream, limitTime(ctx, stream)
}

func limitTime(ctx context.Context, stream network.Stream) error {
	end, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	return stream.SetDeadline(end)
}

// transfer tells of bytes that came or went, by their SHA-256.
type transfer struct {
	Millis float64 `json:"millis"`
	Bytes  int64   `json:"bytes"`
	Digest string  `json:"digest"`
}

// send sends bytes to the peer's sink and checks what the sink says came.
func send(ctx context.Context, n *node, r *request) (any, error) {
	stream, err := n.open(ctx, r, sinkProtocol)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Reset() }()
	begin := time.Now()
	digest, err := n.writeRandom(stream, r.Bytes)
	if err != nil {
		return nil, err
	}
	if err := stream.CloseWrite(); err != nil {
		return nil, err
	}
	theirs, err := io.ReadAll(stream)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(digest, theirs) {
		return nil, fmt.Errorf("sent %x, and the peer got %x", digest, theirs)
	}
	return transfer{since(begin), r.Bytes, hex.EncodeToString(digest)}, nil
}

// fetch reads from the peer's source, so many bytes at a time and with a pause after each, and checks them.
func fetch(ctx context.Context, n *node, r *request) (any, error) {
	stream, err := n.open(ctx, r, sourceProtocol)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Reset() }()
	begin := time.Now()
	if _, err := stream.Write(binary.BigEndian.AppendUint64(nil, uint64(r.Bytes))); err != nil {
		return nil, err
	}
	digest := sha256.New()
	slow := &slowReader{from: stream, chunk: max(1, r.ChunkBytes), pause: time.Duration(r.PauseMicros) * time.Microsecond}
	if r.ChunkBytes == 0 {
		slow.chunk = chunkBytes
	}
	if _, err := io.CopyN(io.MultiWriter(digest, &n.received), slow, r.Bytes); err != nil {
		return nil, err
	}
	theirs, err := io.ReadAll(stream)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(digest.Sum(nil), theirs) {
		return nil, fmt.Errorf("got %x, and the peer sent %x", digest.Sum(nil), theirs)
	}
	return transfer{since(begin), r.Bytes, sum(digest)}, nil
}

func sum(digest hash.Hash) string { return hex.EncodeToString(digest.Sum(nil)) }

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

type slowReader struct {
	from  io.Reader
	chunk int
	pause time.Duration
}

func (s *slowReader) Read(p []byte) (int, error) {
	time.Sleep(s.pause)
	return s.from.Read(p[:min(len(p), s.chunk)])
}

// echo opens as many streams as the request's count at once, holds all of them open together, and has the peer echo so
// many bytes on each. Each stream sends a byte first, and its rest only when all have their first byte back.
func echo(ctx context.Context, n *node, r *request) (any, error) {
	count := max(1, r.Count)
	if count > maxStreamsAtOnce {
		return nil, fmt.Errorf("%d streams are too many", count)
	}
	var all, open sync.WaitGroup
	open.Add(count)
	errs := make([]error, count)
	begin := time.Now()
	for i := range count {
		all.Go(func() { errs[i] = n.echoOne(ctx, r, &open) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		failed := 0
		var first error
		for _, e := range errs {
			if e != nil {
				failed++
				first = e
			}
		}
		return nil, fmt.Errorf("%d of %d streams failed, one by: %w", failed, count, first)
	}
	return elapsed{since(begin)}, nil
}

func (n *node) echoOne(ctx context.Context, r *request, open *sync.WaitGroup) error {
	stream, err := n.greeted(ctx, r)
	open.Done()
	if err != nil {
		return err
	}
	defer func() { _ = stream.Reset() }()
	if err := waitFor(ctx, open); err != nil {
		return err
	}
	payload := make([]byte, max(0, r.Bytes-1))
	if _, err := rand.Read(payload); err != nil {
		return err
	}
	go func() {
		_, _ = stream.Write(payload)
		_ = stream.CloseWrite()
	}()
	back, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	if !bytes.Equal(payload, back) {
		return fmt.Errorf("of %d bytes other %d came back", len(payload), len(back))
	}
	return nil
}

// greeted opens an echo stream and has its first byte back.
func (n *node) greeted(ctx context.Context, r *request) (network.Stream, error) {
	stream, err := n.open(ctx, r, echoProtocol)
	if err != nil {
		return nil, err
	}
	one := []byte{'1'}
	if _, err := stream.Write(one); err != nil {
		return nil, errors.Join(err, stream.Reset())
	}
	if _, err := io.ReadFull(stream, one); err != nil {
		return nil, errors.Join(err, stream.Reset())
	}
	return stream, nil
}

func waitFor(ctx context.Context, group *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errTime
	}
}

// halfClose ends its own side of a hold stream first, and gives what comes after that.
func halfClose(ctx context.Context, n *node, r *request) (any, error) {
	stream, err := n.open(ctx, r, holdProtocol)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Reset() }()
	if _, err := io.ReadFull(stream, make([]byte, 1)); err != nil {
		return nil, err
	}
	if err := stream.CloseWrite(); err != nil {
		return nil, err
	}
	rest, err := io.ReadAll(stream)
	if err != nil {
		return nil, err
	}
	return string(rest), nil
}

// resetStream resets a hold stream that the peer serves already.
func resetStream(ctx context.Context, n *node, r *request) (any, error) {
	stream, err := n.open(ctx, r, holdProtocol)
	if err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(stream, make([]byte, 1)); err != nil {
		return nil, errors.Join(err, stream.Reset())
	}
	return nil, stream.Reset()
}

// expectReset has the peer reset a stream, and fails when the stream ends in another way.
func expectReset(ctx context.Context, n *node, r *request) (any, error) {
	stream, err := n.open(ctx, r, resetProtocol)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stream.Reset() }()
	if _, err := stream.Write([]byte{'1'}); err != nil {
		return nil, err
	}
	_, err = io.ReadAll(stream)
	if !errors.Is(err, network.ErrReset) {
		return nil, fmt.Errorf("not reset, but: %w", err)
	}
	return nil, nil
}
