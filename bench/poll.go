package main

import (
	"syscall"
	"unsafe"
)

// poll is epoll for one thread. Go's own network poller would wake a goroutine, and often a thread, for each answer;
// on a machine that client and server share, that is the server's time.
type poll struct {
	fd     int
	events [64]syscall.EpollEvent
	ready  [64]int
}

func newPoll() (*poll, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	return &poll{fd: fd}, err
}

func (p *poll) add(fd int) error {
	return syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

// wait returns the descriptors that can be read, valid until the next call; none when timeoutMillis has passed.
func (p *poll) wait(timeoutMillis int) ([]int, error) {
	for {
		n, err := syscall.EpollWait(p.fd, p.events[:], timeoutMillis)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range n {
			p.ready[i] = int(p.events[i].Fd)
		}
		return p.ready[:n], nil
	}
}

// rawRead reads without telling Go's scheduler, since the descriptor never blocks.
func rawRead(fd int, buffer []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	return int(n), errno
}

func rawWrite(fd int, data []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)))
	return int(n), errno
}
