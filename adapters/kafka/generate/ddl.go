package generate

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/adapters/kafka/mysqlddl"
)

// FromTable makes the columns of a database's table, and its key.
func FromTable(t *mysqlddl.Table) ([]Column, []string) {
	out := make([]Column, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = Column{Name: c.Name, DataType: c.DataType, NotNull: c.NotNull, Description: c.Comment, Epoch: c.Epoch}
	}
	return out, t.Key
}

// SchemaChanges carries out the statements of a Debezium schema-change topic in their order.
func SchemaChanges(values [][]byte) (*mysqlddl.Tables, error) {
	tables := mysqlddl.New()
	for i, v := range values {
		if len(v) == 0 {
			continue
		}
		var event struct {
			DatabaseName, DDL string
			Payload           json.RawMessage
		}
		if err := json.Unmarshal(v, &event); err != nil {
			return nil, fmt.Errorf("schema change %d is no JSON: %w", i, err)
		}
		if event.DDL == "" && len(event.Payload) > 0 && !bytes.Equal(event.Payload, []byte("null")) {
			if err := json.Unmarshal(event.Payload, &event); err != nil {
				return nil, fmt.Errorf("schema change %d is no JSON: %w", i, err)
			}
		}
		if err := tables.Read(event.DDL, event.DatabaseName); err != nil {
			return nil, fmt.Errorf("schema change %d: %w", i, err)
		}
	}
	return tables, nil
}
