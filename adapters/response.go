package adapters

import "github.com/millrace/millrace/compiler/jinja/value"

// Dict is the response as run results carry it: what is unknown is left out.
func (r Response) Dict() *value.Dict {
	d := value.NewDict(4)
	d.SetString("_message", value.String(r.Message))
	if r.Code != "" {
		d.SetString("code", value.String(r.Code))
	}
	if r.RowsAffected >= 0 || r.Code != "" {
		d.SetString("rows_affected", value.Int(r.RowsAffected))
	}
	if r.QueryID != "" {
		d.SetString("query_id", value.String(r.QueryID))
	}
	for k, v := range r.Extra {
		d.SetString(k, value.FromGo(v))
	}
	return d
}

// responseObject is AdapterResponse: its text is the message.
type responseObject struct{ Response }

// Value wraps the response for templates.
func (r Response) Value() value.Value { return value.FromObject(&responseObject{r}) }

// ResponseFromValue unwraps a response.
func ResponseFromValue(v value.Value) (Response, bool) {
	o, ok := v.AsObject()
	if !ok {
		return Response{}, false
	}
	r, ok := o.(*responseObject)
	if !ok {
		return Response{}, false
	}
	return r.Response, true
}

func (o *responseObject) TypeName() string { return "AdapterResponse" }
func (o *responseObject) Str() string      { return o.Message }
func (o *responseObject) Truth() bool      { return true }

func (o *responseObject) Repr() string {
	rows := value.None
	if v, ok := o.Dict().GetString("rows_affected"); ok {
		rows = v
	}
	return "AdapterResponse(_message=" + value.Repr(value.String(o.Message)) + ", code=" + value.Repr(value.OptString(o.Code)) +
		", rows_affected=" + value.Repr(rows) + ", query_id=" + value.Repr(value.OptString(o.QueryID)) + ")"
}

func (o *responseObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "to_dict":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind(name, "omit_none=True")
			return value.FromDict(o.Dict()), err
		}), true, nil
	case "_message", "code", "rows_affected", "query_id":
		if v, ok := o.Dict().GetString(name); ok {
			return v, true, nil
		}
		return value.None, true, nil
	}
	v, ok := o.Dict().GetString(name)
	return v, ok, nil
}

// JSONValue lets tojson and artifacts write the response.
func (o *responseObject) JSONValue() (value.Value, bool) { return value.FromDict(o.Dict()), true }
