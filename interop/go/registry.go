package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"time"
)

const (
	mirroredHeader        = "X-Spegel-Mirrored"
	digestHeader          = "Docker-Content-Digest"
	defaultResolveTimeout = 20 * time.Millisecond
	defaultResolveRetries = 3
	drainTime             = 8 * time.Second
	headTime              = 5 * time.Second
)

// registrySpec makes a host a whole node: one that serves images, and mirrors those of others.
type registrySpec struct {
	// Addr is ip:port; others are asked at the same port.
	Addr string `json:"addr"`
	// Layout is the OCI image layout with what the node has.
	Layout string `json:"layout"`
	// Bootstrap holds multiaddrs without ids of the first peers; the node's own may be among them.
	Bootstrap []string `json:"bootstrap"`
	// Username and Password of basic auth, asked of clients and shown to peers; both empty is none.
	Username string `json:"username"`
	Password string `json:"password"`
	// ResolveTimeoutMillis is how long a search may take to find the next provider; 0 is 20.
	ResolveTimeoutMillis int64 `json:"resolveTimeoutMillis"`
	// ResolveRetries is how many providers to ask; 0 is 3.
	ResolveRetries int `json:"resolveRetries"`
}

// registry serves the distribution API.
type registry struct {
	spec    registrySpec
	node    *node
	content *layout
	mirror  *mirror
	server  *http.Server
	leave   context.CancelFunc
}

// startRegistry serves the content, announces it, and joins the network in the background.
func (n *node) startRegistry(spec *registrySpec) error {
	if n.kad == nil {
		return errNoKad
	}
	content, err := openLayout(spec.Layout)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", spec.Addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &registry{spec: *spec, node: n, content: content, mirror: newMirror(n, spec), leave: cancel}
	r.server = &http.Server{Handler: r.routes(), ReadHeaderTimeout: headTime}
	n.registry = r
	go func() {
		if err := r.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "the registry has ended:", err)
		}
	}()
	go n.stayJoined(ctx, spec.Bootstrap)
	return n.announce(ctx, content.keys())
}

// close lets running answers end, for a while.
func (r *registry) close() error {
	r.leave()
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	err := r.server.Shutdown(ctx)
	r.mirror.close()
	return errors.Join(err, r.server.Close())
}

func (r *registry) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !r.node.joined() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET /livez", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /v2/", func(w http.ResponseWriter, req *http.Request) {
		if r.authorized(req) {
			r.pull(w, req)
		} else {
			refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "invalid basic authentication", nil)
		}
	})
	return mux
}

// authorized lets everybody in when no credentials are set, whatever he sends.
func (r *registry) authorized(req *http.Request) bool {
	if r.spec.Username == "" && r.spec.Password == "" {
		return true
	}
	username, password, _ := req.BasicAuth()
	return same(username, r.spec.Username)&same(password, r.spec.Password) == 1
}

// same takes a time that tells nothing of the texts.
func same(a, b string) int {
	hashA, hashB := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(hashA[:], hashB[:])
}

var contentPath = regexp.MustCompile(`^/v2/([a-z0-9][a-z0-9._/-]{0,254})/(manifests|blobs)/([A-Za-z0-9_.:-]{1,128})$`)

// pullRequest is what a request asks for.
type pullRequest struct {
	// key is the text that is looked for in the network: a tagged name or a digest.
	key string
	// digest is empty when a tag is asked for that is not here.
	digest   string
	manifest bool
}

func (r *registry) pull(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path == "/v2/" {
		return
	}
	pull, ok := r.parse(req)
	switch {
	case !ok:
		refuse(w, http.StatusNotFound, "NAME_UNKNOWN", "not a path of content", nil)
	case r.has(pull):
		r.serve(w, req, pull)
	case req.Header.Get(mirroredHeader) == "true":
		notFound(w, pull, 0)
	default:
		r.mirror.serve(w, req, pull)
	}
}

func (r *registry) parse(req *http.Request) (pullRequest, bool) {
	parts := contentPath.FindStringSubmatch(req.URL.Path)
	if parts == nil {
		return pullRequest{}, false
	}
	manifest := parts[2] == "manifests"
	if sha256Text.MatchString(parts[3]) {
		return pullRequest{parts[3], parts[3], manifest}, true
	}
	ns := req.URL.Query().Get("ns")
	if !manifest || ns == "" {
		return pullRequest{}, false
	}
	key := ns + "/" + parts[1] + ":" + parts[3]
	return pullRequest{key, r.content.tags[key], true}, true
}

func (r *registry) has(pull pullRequest) bool {
	mediaType := r.content.mediaTypes[pull.digest]
	return mediaType != "" && (!pull.manifest || isManifest(mediaType))
}

func (r *registry) serve(w http.ResponseWriter, req *http.Request, pull pullRequest) {
	file, err := os.Open(r.content.file(pull.digest))
	if err != nil {
		notFound(w, pull, 0)
		return
	}
	defer file.Close()
	mediaType := "application/octet-stream"
	if pull.manifest {
		mediaType = r.content.mediaTypes[pull.digest]
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set(digestHeader, pull.digest)
	http.ServeContent(w, req, "", time.Time{}, file)
}

// notFound sends containerd upstream.
func notFound(w http.ResponseWriter, pull pullRequest, attempts int) {
	code := "BLOB_UNKNOWN"
	if pull.manifest {
		code = "MANIFEST_UNKNOWN"
	}
	refuse(w, http.StatusNotFound, code, "could not find peer for "+pull.key, map[string]int{"attempts": attempts})
}

type refusal struct {
	Code    string         `json:"code"`
	Detail  map[string]int `json:"detail,omitempty"`
	Message string         `json:"message"`
}

func refuse(w http.ResponseWriter, status int, code, message string, detail map[string]int) {
	text, err := json.Marshal(map[string][]refusal{"errors": {{code, detail, message}}})
	if err != nil {
		panic(err) // Of three texts and a number.
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
