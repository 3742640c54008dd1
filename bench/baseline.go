package main

import (
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// serveFilesCommand is the server that blobs are compared with: Go's file server, which sends by sendfile(2).
func serveFilesCommand(args []string) error {
	flags := flag.NewFlagSet("serve-files", flag.ExitOnError)
	addr := flags.String("addr", "", "host:port to listen on")
	directory := flags.String("directory", "", "what to serve")
	flags.Parse(args)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/", http.FileServer(http.Dir(*directory)))
	return http.ListenAndServe(*addr, mux)
}

// serveMemoryCommand is the server that manifests are compared with: Go's HTTP server answering with one body from
// memory, with the headers of a registry.
func serveMemoryCommand(args []string) error {
	flags := flag.NewFlagSet("serve-memory", flag.ExitOnError)
	addr := flags.String("addr", "", "host:port to listen on")
	path := flags.String("body", "", "file with the body")
	flags.Parse(args)
	body, err := os.ReadFile(*path)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /v2/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", manifestType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Header().Set("Docker-Content-Digest", r.URL.Path)
		w.Write(body)
	})
	return http.ListenAndServe(*addr, mux)
}

// proxyCommand is what a mirror is compared with: a proxy that copies bodies as Go programs do, with io.Copy.
func proxyCommand(args []string) error {
	flags := flag.NewFlagSet("proxy", flag.ExitOnError)
	addr := flags.String("addr", "", "host:port to listen on")
	upstream := flags.String("upstream", "", "host:port to ask")
	flags.Parse(args)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /v2/", func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://"+*upstream+r.URL.RequestURI(), nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		request.Header.Set("X-Spegel-Mirrored", "true")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		w.Header().Set("Content-Length", strconv.FormatInt(response.ContentLength, 10))
		w.WriteHeader(response.StatusCode)
		io.Copy(w, response.Body)
	})
	return http.ListenAndServe(*addr, mux)
}

// serveConstantlyCommand answers whatever comes with the same bytes, by one thread and two system calls a request: what
// the client reaches with it is what the client can do.
func serveConstantlyCommand(args []string) error {
	flags := flag.NewFlagSet("serve-constantly", flag.ExitOnError)
	addr := flags.String("addr", "", "host:port to listen on")
	path := flags.String("body", "", "file with the body")
	flags.Parse(args)
	body, err := os.ReadFile(*path)
	if err != nil {
		return err
	}
	answer := append([]byte("HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...)
	address, err := net.ResolveTCPAddr("tcp4", *addr)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	listener, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	target := &syscall.SockaddrInet4{Port: address.Port, Addr: [4]byte(address.IP.To4())}
	if err := syscall.SetsockoptInt(listener, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return err
	}
	if err := syscall.Bind(listener, target); err != nil {
		return err
	}
	if err := syscall.Listen(listener, 128); err != nil {
		return err
	}
	return answerAll(listener, answer)
}

func answerAll(listener int, answer []byte) error {
	poll, err := newPoll()
	if err != nil {
		return err
	}
	if err := poll.add(listener); err != nil {
		return err
	}
	buffer := make([]byte, 4096)
	for {
		ready, err := poll.wait(-1)
		if err != nil {
			return err
		}
		for _, fd := range ready {
			if fd == listener {
				connection, _, err := syscall.Accept4(listener, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
				if err != nil {
					return err
				}
				if err := poll.add(connection); err != nil {
					return err
				}
				continue
			}
			// A request is one segment, because the client sends no other before it has the answer.
			if n, errno := rawRead(fd, buffer); n > 0 {
				rawWrite(fd, answer)
			} else if errno != syscall.EAGAIN {
				syscall.Close(fd)
			}
		}
	}
}
