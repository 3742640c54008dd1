package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// responseHead is what the clients need of a response's head.
type responseHead struct {
	status        int
	contentLength int64
	bytes         int // length of the head with its empty line
}

var errHead = errors.New("not the head of an HTTP/1.1 response with a Content-Length")

// parseHead returns false when the head has not wholly arrived.
func parseHead(data []byte) (responseHead, bool, error) {
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return responseHead{}, false, nil
	}
	if end < 12 || !bytes.HasPrefix(data, []byte("HTTP/1.1 ")) {
		return responseHead{}, false, errHead
	}
	head := responseHead{contentLength: -1, bytes: end + 4}
	var err error
	if head.status, err = strconv.Atoi(string(data[9:12])); err != nil {
		return responseHead{}, false, errHead
	}
	for lines := data[:end]; len(lines) > 0; {
		line, rest, _ := bytes.Cut(lines, []byte("\r\n"))
		const name = "content-length:"
		if len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			head.contentLength, err = strconv.ParseInt(string(bytes.TrimSpace(line[len(name):])), 10, 64)
			if err != nil {
				return responseHead{}, false, errHead
			}
		}
		lines = rest
	}
	if head.contentLength < 0 {
		return responseHead{}, false, errHead
	}
	return head, true, nil
}

// get sends one request and reads the whole response into buffer again and again; after, which may be nil, is called
// after each read of more than the head.
func get(connection net.Conn, path string, buffer []byte, after func(bytes int)) (responseHead, error) {
	if _, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: bench\r\n\r\n", path); err != nil {
		return responseHead{}, err
	}
	filled := 0
	var head responseHead
	for complete := false; !complete; {
		n, err := connection.Read(buffer[filled:])
		if err != nil {
			return head, err
		}
		filled += n
		if head, complete, err = parseHead(buffer[:filled]); err != nil {
			return head, err
		}
		if !complete && filled == len(buffer) {
			return head, errHead
		}
	}
	for left := head.contentLength - int64(filled-head.bytes); left > 0; {
		n, err := connection.Read(buffer[:min(int64(len(buffer)), left)])
		left -= int64(n)
		if err != nil && left > 0 {
			return head, fmt.Errorf("%d of %d bytes missing: %w", left, head.contentLength, err)
		}
		if after != nil {
			after(n)
		}
	}
	return head, nil
}

// ready tells whether /readyz answers 200.
func ready(addr string) bool {
	connection, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(time.Second))
	head, err := get(connection, "/readyz", make([]byte, 4096), nil)
	return (err == nil || errors.Is(err, io.EOF)) && head.status == 200
}
