package adapters

import (
	"context"

	"github.com/millrace/millrace/compiler/sql"
)

// Analyzing is implemented by drivers whose engine can bind queries without the user's
// database.
type Analyzing interface {
	// Analyzer opens an empty analyzer, with the settings of the profile that change what a
	// query means.
	Analyzer(ctx context.Context, c Credentials) (sql.Analyzer, error)
}

// standIn is the engine that reads queries of engines without an analyzer of their own.
const standIn = "duckdb"

// OpenAnalyzer opens the analyzer of a driver. Engines that have none get another one's: it
// understands much of their SQL, but what it refuses may be right, so that own is false and
// nothing it says is an error. The analyzer is nil when there is none at all.
func OpenAnalyzer(ctx context.Context, d Driver, c Credentials) (a sql.Analyzer, own bool, err error) {
	if analyzing, ok := d.(Analyzing); ok {
		a, err = analyzing.Analyzer(ctx, c)
		return a, true, err
	}
	other, ok := Lookup(standIn)
	if !ok {
		return nil, false, nil
	}
	analyzing, ok := other.(Analyzing)
	if !ok {
		return nil, false, nil
	}
	a, err = analyzing.Analyzer(ctx, nil)
	return a, false, err
}
