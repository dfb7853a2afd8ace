package handlers

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	smallBody  = 64 << 10 // bytes; an event of PPM Express has some thousands
	largeSpace = 16 << 20 // bytes of all large bodies together
	leastLarge = 2        // large bodies at the same time, however large they may be
)

// errCrowded is what a large body meets when others fill the space.
var errCrowded = errors.New("too many large bodies at the same time")

// placesFor returns how many large bodies there may be in memory.
func placesFor(maxBody int64) int { return max(leastLarge, int(largeSpace/maxBody)) }

// readBody reads the whole body, or as much as shows that it is too large. A small body is always read. A larger one
// waits for a place, as long as patience lasts, and has it until done is called, which must be.
func (r *Receiver) readBody(c *gin.Context, door *door) (body []byte, done func(), err error) {
	done = func() {}
	if c.Request.ContentLength > door.maxBody {
		return nil, done, &http.MaxBytesError{Limit: door.maxBody}
	}
	limited := http.MaxBytesReader(c.Writer, c.Request.Body, door.maxBody)
	body, err = io.ReadAll(io.LimitReader(limited, smallBody+1))
	if err != nil || len(body) <= smallBody {
		return body, done, err
	}
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	select {
	case door.large <- struct{}{}:
		done = func() { <-door.large }
	case <-timer.C:
		return nil, done, errCrowded
	}
	size := c.Request.ContentLength
	if size < 0 {
		size = door.maxBody // at once: a buffer that grows leaves as much behind
	}
	whole := bytes.NewBuffer(body)
	whole.Grow(int(size) - len(body) + bytes.MinRead)
	_, err = whole.ReadFrom(limited)
	return whole.Bytes(), done, err
}
