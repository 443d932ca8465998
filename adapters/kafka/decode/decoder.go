package decode

import "github.com/millrace/millrace/adapters/columnar"

// Decoder appends one row to a batch. After an error the caller truncates the batch. A
// Decoder serves one goroutine.
type Decoder interface {
	Decode(out *columnar.Batch, data []byte) *Error
}

// Schemed is a decoder whose values name their schema.
type Schemed interface {
	Decoder
	// SchemaID is of the value that was decoded last, or tried to be.
	SchemaID() int
}
