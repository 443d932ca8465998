package golden

import (
	"errors"
	"os/exec"
	"strconv"
)

// exitStatus is the exit code that an error of an executed program carries.
func exitStatus(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return strconv.Itoa(exit.ExitCode())
	}
	return err.Error()
}
