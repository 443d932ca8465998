package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"

	"github.com/millrace/millrace/adapters/kafka/declare"
)

// bearer is the mechanism OAUTHBEARER with the declared source of tokens.
func bearer(o declare.OAuth, root string) sasl.Mechanism {
	source := &tokens{o: o, root: root, client: &http.Client{Timeout: 10 * time.Second}, now: time.Now}
	return oauth.Oauth(func(ctx context.Context) (oauth.Auth, error) {
		token, err := source.get(ctx)
		return oauth.Auth{Token: token, Extensions: o.Extensions}, err
	})
}

// tokens gives the token for a session with a broker. One from a provider is kept until
// shortly before it expires.
type tokens struct {
	o      declare.OAuth
	root   string
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex
	token string
	until time.Time
}

func (t *tokens) get(ctx context.Context) (string, error) {
	switch {
	case t.o.Token != "":
		return t.o.Token, nil
	case t.o.TokenFile != "":
		path := t.o.TokenFile
		if !filepath.IsAbs(path) {
			path = filepath.Join(t.root, path)
		}
		text, err := os.ReadFile(path)
		return strings.TrimSpace(string(text)), err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && t.now().Before(t.until) {
		return t.token, nil
	}
	return t.token, t.ask(ctx)
}

// ask gets a token from the provider: the client credentials grant of OAuth 2.0.
func (t *tokens) ask(ctx context.Context) error {
	form := url.Values{"grant_type": {"client_credentials"}}
	if t.o.Scope != "" {
		form.Set("scope", t.o.Scope)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.o.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(url.QueryEscape(t.o.ClientID), url.QueryEscape(t.o.Secret))
	resp, err := t.client.Do(req)
	if err != nil {
		return fmt.Errorf("the token endpoint does not answer: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return fmt.Errorf("the token endpoint does not answer: %w", err)
	}
	var answer struct {
		Token   string  `json:"access_token"`
		Expires float64 `json:"expires_in"`
		Error   string  `json:"error"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || resp.StatusCode != http.StatusOK || answer.Token == "" {
		why := resp.Status
		if answer.Error != "" {
			why += ", " + answer.Error
		}
		return fmt.Errorf("the token endpoint gave no token: %s", why)
	}
	t.token = answer.Token
	// A tenth of its life before the end, so that it is good while a session begins.
	t.until = t.now().Add(time.Duration(answer.Expires * 0.9 * float64(time.Second)))
	return nil
}
