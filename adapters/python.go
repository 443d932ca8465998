package adapters

import (
	"context"

	"github.com/millrace/millrace/compiler/relation"
)

// PythonEngine is an Engine that runs Python models.
type PythonEngine interface {
	// RunPython runs the code of a model, which writes what the model returned into a
	// table. execute sends a statement over the connection of the model.
	RunPython(ctx context.Context, job PythonJob, execute func(sql string) error) error
}

// PythonJob is one run of a Python model.
type PythonJob struct {
	Name  string               // of the model
	Path  string               // of the user's file, as tracebacks name it
	Code  string               // the model's code with what was put behind it
	Reads []*relation.Relation // what the model may look at
	Print func(line string)    // takes what the model prints
}

// RunPython runs a Python model on the engine. The statements that bring its rows into the
// database belong to the transaction of the model.
func (b *Bridge) RunPython(job PythonJob) (Response, error) {
	engine, ok := b.opts.Engine.(PythonEngine)
	if !ok {
		return Response{}, runtimeError("Python models are not supported by the %s adapter: '%s' cannot be run", b.opts.Driver.Name(), job.Name)
	}
	err := engine.RunPython(b.opts.Context, job, func(sql string) error {
		_, _, err := b.Execute(sql, true, false, -1)
		return err
	})
	return Response{Message: "OK", RowsAffected: -1}, err
}
