// Package remote reaches the network and the git program for compiler/packages, which
// does not do so itself.
package remote

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/millrace/millrace/compiler/packages"
)

// Client is a packages.Fetcher that tries a few times before it gives up.
type Client struct {
	HTTP    *http.Client  // nil = one with a timeout
	Retries int           // further tries after the first; 0 = 4
	Wait    time.Duration // between tries; 0 = one second
}

var _ packages.Fetcher = (*Client)(nil)

// Get implements packages.Fetcher.
func (h *Client) Get(ctx context.Context, url string) (io.ReadCloser, error) {
	retries, wait := h.Retries, h.Wait
	if retries == 0 {
		retries = 4
	}
	if wait == 0 {
		wait = time.Second
	}
	for try := 0; ; try++ {
		body, again, err := h.once(ctx, url)
		if err == nil || !again || try == retries {
			return body, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// once tries one request; again says whether another try may help.
func (h *Client) once(ctx context.Context, url string) (body io.ReadCloser, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, false, err
	}
	client := h.HTTP
	if client == nil {
		client = &http.Client{Timeout: 5 * time.Minute}
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, ctx.Err() == nil, err
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, false, nil
	}
	if err := resp.Body.Close(); err != nil {
		return nil, true, err
	}
	if resp.StatusCode == http.StatusNotFound {
		return nil, false, &packages.NotFound{URL: url}
	}
	busy := resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests
	return nil, busy, fmt.Errorf("%s answered %s", req.URL.Redacted(), resp.Status)
}

// HTTP is a Client with the defaults.
func HTTP() packages.Fetcher { return &Client{} }
