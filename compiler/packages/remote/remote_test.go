package remote

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/packages"
)

func TestGetRetriesBusyServersOnly(t *testing.T) {
	calls := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls[r.URL.Path]++
		switch {
		case r.URL.Path == "/missing":
			http.NotFound(w, r)
		case r.URL.Path == "/forbidden":
			w.WriteHeader(http.StatusForbidden)
		case calls[r.URL.Path] < 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = io.WriteString(w, "body")
		}
	}))
	defer server.Close()
	h := &Client{Wait: time.Millisecond}
	body, err := h.Get(context.Background(), server.URL+"/busy")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(body)
	if err != nil || string(data) != "body" || calls["/busy"] != 3 {
		t.Errorf("got %q, %v after %d calls", data, err, calls["/busy"])
	}
	_, err = h.Get(context.Background(), server.URL+"/missing")
	var missing *packages.NotFound
	if !errors.As(err, &missing) || calls["/missing"] != 1 {
		t.Errorf("missing: %v after %d calls", err, calls["/missing"])
	}
	if _, err = h.Get(context.Background(), server.URL+"/forbidden"); err == nil || calls["/forbidden"] != 1 {
		t.Errorf("forbidden: %v after %d calls", err, calls["/forbidden"])
	}
}
