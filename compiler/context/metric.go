package context

import "github.com/millrace/millrace/compiler/jinja/value"

// metricObject is what metric() returns: it prints as the metric's name.
type metricObject struct {
	name, pkg string
	body      *value.Dict // the metric's keys once the project is parsed
}

func metricReference(name, pkg string, body *value.Dict) value.Value {
	return value.FromObject(&metricObject{name, pkg, body})
}

func bodyOf(v value.Value) *value.Dict {
	d, _ := v.AsDict()
	return d
}

func (m *metricObject) TypeName() string { return "MetricReference" }

// Str is the metric's name.
func (m *metricObject) Str() string { return m.name }

// Attr answers the reference's own names and the metric's keys.
func (m *metricObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "metric_name":
		return value.String(m.name), true, nil
	case "package_name":
		return value.OptString(m.pkg), true, nil
	}
	if m.body == nil {
		return value.Undef, false, nil
	}
	v, ok := m.body.GetString(name)
	return v, ok, nil
}
