package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/millrace/millrace/compiler/packages"
)

// Program is a packages.GitRunner that runs the git program.
type Program struct{}

var _ packages.GitRunner = Program{}

// Run implements packages.GitRunner. Git never asks for a password: there may be nobody to answer.
func (Program) Run(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return "", errors.New("the git program is not installed or not in PATH")
		}
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// Git is the git program found in PATH.
func Git() packages.GitRunner { return Program{} }
