package declare

// OAuth says where the token of OAUTHBEARER comes from: it is given, it stands in a file
// that is read for every session, or an OpenID provider issues it for our credentials.
type OAuth struct {
	Token, TokenFile                  string
	TokenURL, ClientID, Secret, Scope string
	Extensions                        map[string]string // sent to the brokers with the token
}

func (r *reader) sasl() SASL {
	r.known("mechanism", "username", "password", "token", "token_file", "oidc", "extensions")
	s := SASL{
		Mechanism: r.choice("mechanism", "", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"),
		Username:  r.text("username"), Password: r.secret("password"),
	}
	switch {
	case s.Mechanism == "OAUTHBEARER":
		s.OAuth = r.oauth()
	case s.Mechanism == "" && !r.failed("mechanism"):
		r.bad(nil, "sasl needs a 'mechanism'")
	case s.Username == "":
		r.bad(nil, "sasl needs a 'username'")
	}
	if s.Mechanism != "OAUTHBEARER" {
		for _, key := range []string{"token", "token_file", "oidc", "extensions"} {
			if r.has(key) {
				r.bad([]any{key}, "'"+key+"' is for OAUTHBEARER")
			}
		}
	}
	return s
}

func (r *reader) oauth() OAuth {
	o := OAuth{Token: r.secret("token"), TokenFile: r.text("token_file"), Extensions: r.values("extensions")}
	if v, ok := r.dict.GetString("oidc"); ok {
		d, isDict := v.AsDict()
		if !isDict {
			r.bad([]any{"oidc"}, "oidc must be a mapping with token_url, client_id and client_secret")
			return o
		}
		in := r.inside("oidc", d)
		in.known("token_url", "client_id", "client_secret", "scope")
		o.TokenURL, o.ClientID, o.Secret, o.Scope = in.text("token_url"), in.text("client_id"), in.secret("client_secret"), in.text("scope")
		if !isAddress(o.TokenURL) {
			in.bad([]any{"token_url"}, "oidc needs a 'token_url' that begins with https:// or http://")
		}
		if o.ClientID == "" || o.Secret == "" {
			in.bad(nil, "oidc needs 'client_id' and 'client_secret'")
		}
	}
	given := 0
	for _, key := range []string{"token", "token_file", "oidc"} {
		if r.has(key) {
			given++
		}
	}
	if given != 1 {
		r.bad(nil, "OAUTHBEARER needs one of 'token', 'token_file' and 'oidc'")
	}
	return o
}
