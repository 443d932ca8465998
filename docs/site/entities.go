package site

import "strconv"

// entities are the relationships that tests assert, [[from id, from column, to id, to column,
// test id, status]]: the edges of the entity diagram.
func (p *project) entities() ([]byte, int) {
	buf := []byte{'['}
	count := 0
	for _, t := range p.nodes {
		if t.testName != "relationships" || t.attached == "" || t.toField == "" {
			continue
		}
		from := p.byID[t.attached]
		if from == nil {
			continue
		}
		to := from // a table may refer to itself
		for _, d := range t.parents {
			if d != from {
				to = d
			}
		}
		if count++; count > 1 {
			buf = append(buf, ',')
		}
		buf = append(buf, '[')
		for _, s := range []string{from.id, t.columnName, to.id, t.toField, t.id} {
			buf = append(appendString(buf, s), ',')
		}
		buf = strconv.AppendInt(buf, int64(t.status()), 10)
		buf = append(buf, ']')
	}
	return append(buf, ']'), count
}
