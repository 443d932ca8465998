package decode

import (
	"context"
	"encoding/binary"
	"errors"
)

// ErrUnknownSchema says that the registry answered, and has no such schema.
var ErrUnknownSchema = errors.New("the registry has no such schema")

// Registry gives schemas by the id that values carry.
type Registry interface {
	Schema(ctx context.Context, id int) (text string, err error)
}

// wireHeader takes the header of the Confluent wire format off a value.
func wireHeader(data []byte) (id int, payload []byte, err *Error) {
	if len(data) == 0 || data[0] != 0 {
		return 0, nil, failed(CodeMagic, "the value does not begin with the registry's magic byte: %s", shown(data))
	}
	if len(data) < 5 {
		return 0, nil, failed(CodeTruncated, "the value ends inside its schema id")
	}
	return int(binary.BigEndian.Uint32(data[1:])), data[5:], nil
}

// outage is a failure that has nothing to do with the record: the registry cannot be asked.
func outage(err error) *Error {
	return &Error{Stage: StageValue, Code: "outage", Message: err.Error(), Outage: err}
}
