package main

import "testing"

func TestParseHead(t *testing.T) {
	head, complete, err := parseHead([]byte("HTTP/1.1 206 Partial Content\r\nX: y\r\ncontent-LENGTH:  42\r\n\r\nbody"))
	if err != nil || !complete || head.status != 206 || head.contentLength != 42 || head.bytes != 59 {
		t.Errorf("%+v %v %v", head, complete, err)
	}
	if _, complete, err := parseHead([]byte("HTTP/1.1 200 OK\r\nContent-Le")); complete || err != nil {
		t.Errorf("of half a head: %v %v", complete, err)
	}
	for _, bad := range []string{"HTTP/1.1 200 OK\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 xxx\r\nContent-Length: 1\r\n\r\n"} {
		if _, _, err := parseHead([]byte(bad)); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}
