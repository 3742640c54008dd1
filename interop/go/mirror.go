package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	manet "github.com/multiformats/go-multiaddr/net"
)

const (
	dialTime         = time.Second
	answerHeadTime   = 3 * time.Second
	maxIdleToAPeer   = 16
	maxAddrsOfAPeer  = 8
	smallRequestTime = 3 * time.Second
	largeRequestTime = 10 * time.Minute
)

// Of a client's request, and of a peer's answer, these are passed on.
var (
	requestHeaders = []string{"Accept", "Range"}
	answerHeaders  = []string{"Accept-Ranges", "Content-Length", "Content-Range", "Content-Type", digestHeader}
)

// mirror answers from the registries of other nodes.
type mirror struct {
	node               *node
	port               string
	username, password string
	resolveTimeout     time.Duration
	resolveRetries     int
	client             *http.Client
}

func newMirror(n *node, spec *registrySpec) *mirror {
	m := &mirror{
		node:           n,
		username:       spec.Username,
		password:       spec.Password,
		resolveTimeout: defaultResolveTimeout,
		resolveRetries: defaultResolveRetries,
		client: &http.Client{
			Transport: &http.Transport{
				DialContext:           (&net.Dialer{Timeout: dialTime}).DialContext,
				DisableCompression:    true,
				MaxIdleConnsPerHost:   maxIdleToAPeer,
				ResponseHeaderTimeout: answerHeadTime,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	_, m.port, _ = net.SplitHostPort(spec.Addr) // It has been listened on.
	if spec.ResolveTimeoutMillis > 0 {
		m.resolveTimeout = time.Duration(spec.ResolveTimeoutMillis) * time.Millisecond
	}
	if spec.ResolveRetries > 0 {
		m.resolveRetries = spec.ResolveRetries
	}
	return m
}

func (m *mirror) close() {
	m.client.CloseIdleConnections()
}

// serve passes the first good answer of a peer on, or answers that there is none.
func (m *mirror) serve(w http.ResponseWriter, req *http.Request, pull pullRequest) {
	limit := largeRequestTime
	if pull.manifest || req.Method == http.MethodHead {
		limit = smallRequestTime
	}
	ctx, cancel := context.WithTimeout(req.Context(), limit)
	defer cancel()
	id, err := keyOf(pull.key)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "UNKNOWN", err.Error(), nil)
		return
	}
	providers := m.node.kad.FindProvidersAsync(ctx, id, 0)
	attempts := 0
	for attempts < m.resolveRetries {
		provider, found := m.next(ctx, providers)
		if !found {
			break
		}
		for _, ip := range m.addresses(provider) {
			attempts++
			answer, err := m.ask(ctx, req, ip)
			if err == nil {
				relay(w, req, answer)
				return
			}
		}
	}
	notFound(w, pull, attempts)
}

// next waits for one more provider than were found so far.
func (m *mirror) next(ctx context.Context, providers <-chan peer.AddrInfo) (peer.AddrInfo, bool) {
	timeout := time.NewTimer(m.resolveTimeout)
	defer timeout.Stop()
	select {
	case provider, found := <-providers:
		return provider, found
	case <-timeout.C:
	case <-ctx.Done():
	}
	return peer.AddrInfo{}, false
}

// addresses are the different IPs of a provider; none of our own.
func (m *mirror) addresses(provider peer.AddrInfo) []net.IP {
	if provider.ID == m.node.host.ID() {
		return nil
	}
	seen := map[string]bool{}
	var ips []net.IP
	for _, addr := range provider.Addrs {
		ip, err := manet.ToIP(addr)
		if err == nil && !seen[ip.String()] && len(ips) < maxAddrsOfAPeer {
			seen[ip.String()] = true
			ips = append(ips, ip)
		}
	}
	return ips
}

// ask gives a peer's answer with its body open; one without what was asked for is an error.
func (m *mirror) ask(ctx context.Context, req *http.Request, ip net.IP) (*http.Response, error) {
	url := *req.URL
	url.Scheme = "http"
	url.Host = net.JoinHostPort(ip.String(), m.port)
	forwarded, err := http.NewRequestWithContext(ctx, req.Method, url.String(), nil)
	if err != nil {
		return nil, err
	}
	for _, name := range requestHeaders {
		for _, value := range req.Header.Values(name) {
			forwarded.Header.Add(name, value)
		}
	}
	forwarded.Header.Set(mirroredHeader, "true")
	forwarded.Header.Set("User-Agent", userAgent)
	// Without credentials, too: the Go program sends an empty user and password then.
	forwarded.SetBasicAuth(m.username, m.password)
	answer, err := m.client.Do(forwarded)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusPartialContent {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("%s: %s", url.Host, answer.Status)
	}
	return answer, nil
}

// relay passes the answer on. When the peer fails on the way the connection is cut, so that the client sees it.
func relay(w http.ResponseWriter, req *http.Request, answer *http.Response) {
	defer answer.Body.Close()
	for _, name := range answerHeaders {
		if value := answer.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	w.WriteHeader(answer.StatusCode)
	if req.Method == http.MethodHead {
		return
	}
	if _, err := io.Copy(w, answer.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
}
