package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/dag/stream"
)

// streamControls are the commands that steer streams which another process runs.
func (a *app) streamControls() []*cobra.Command {
	steer := func(do func(*stream.Streams, context.Context) (map[string]bool, error), done, already string) body {
		return func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				changed, err := do(s, inv.ctx)
				for _, src := range s.Sources {
					word := already
					if changed[src.ID] {
						word = done
					}
					if err == nil {
						inv.answer(src.Name + ": " + word)
					}
				}
				return exitOK, err
			})
		}
	}
	return []*cobra.Command{
		a.command("pause", spec{
			which: "freshness", short: "Stop streams until resume, in whatever process runs them",
			long: `Writes the pause into the ledger. A process that runs the stream commits what it has read and obeys within a second;
the pause outlives every process, and millrace build leaves a paused stream alone.`,
			example: "  millrace stream pause --select source:shop.orders",
			do:      steer((*stream.Streams).Pause, "paused", "was paused already"),
		}),
		a.command("resume", spec{
			which: "freshness", short: "Let paused streams go on",
			example: "  millrace stream resume --select source:shop.orders",
			do:      steer((*stream.Streams).Resume, "goes on", "was not paused"),
		}),
		a.streamWaitCommand(),
	}
}

func (a *app) streamWaitCommand() *cobra.Command {
	token, timeout := "", time.Minute
	c := a.command("wait", spec{
		which: "freshness", short: "Wait until everything up to now, or up to a point, is in the tables and models",
		long: `Returns when each stream has landed up to the end that its log has now, and every model that keeps a position in it has
taken that in. With --frontier it waits up to that point instead: topic/partition=offset, several separated by commas, or a moment.
It prints the point it waited for, which another call takes. It lands nothing itself.`,
		example: "  millrace stream wait --timeout 30s\n  millrace stream wait --select source:shop.orders --frontier shop.orders.v1/0=1200",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				done, err := s.Wait(inv.ctx, token, timeout)
				for _, w := range done {
					line := w.Source.Name + ": " + w.Token.String()
					if len(w.Models) > 0 {
						line += "  also in " + strings.Join(w.Models, ", ")
					}
					inv.answer(line)
				}
				if errors.Is(err, stream.ErrTimeout) {
					inv.report(err)
					return exitFailed, exitError{exitFailed}
				}
				return exitOK, err
			})
		},
	})
	c.Flags().StringVar(&token, "frontier", "", "Up to where to wait: topic/partition=offset, or a moment; the present end if not given.")
	c.Flags().DurationVar(&timeout, "timeout", timeout, "How long to wait before giving up with exit code 1.")
	return c
}

// quarantineInspectCommand is `stream quarantine inspect`.
func (a *app) quarantineInspectCommand() *cobra.Command {
	dump := false
	c := a.command("inspect", spec{
		use: "TOPIC/PARTITION/OFFSET", args: cobra.ExactArgs(1),
		which: "freshness", short: "Show one quarantined record with its key, value, headers and error",
		example: "  millrace stream quarantine inspect shop.orders.v1/0/1234\n  millrace stream quarantine inspect shop.orders.v1/0/1234 --hex",
		do: func(inv *invocation) (int, error) {
			topic, partition, offset, ok := recordName(inv.args[0])
			if !ok {
				return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "'" + inv.args[0] + "' names no record", Hint: "give topic/partition/offset, as millrace stream quarantine lists them"}
			}
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				list, err := s.Inspect(inv.ctx, topic, partition, offset)
				if err != nil {
					return exitProject, err
				}
				if len(list) == 0 {
					return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "quarantine has no record " + inv.args[0], Hint: "millrace stream quarantine lists what it has"}
				}
				for _, r := range list {
					inv.answer(describeRecord(r, dump))
				}
				return exitOK, nil
			})
		},
	})
	c.Flags().BoolVar(&dump, "hex", false, "Show key, value and headers as hexadecimal digits, also when they are text.")
	return c
}

func recordName(text string) (topic string, partition int32, offset int64, ok bool) {
	i := strings.LastIndexByte(text, '/')
	if i < 0 {
		return "", 0, 0, false
	}
	j := strings.LastIndexByte(text[:i], '/')
	if j < 1 {
		return "", 0, 0, false
	}
	p, err1 := strconv.ParseInt(text[j+1:i], 10, 32)
	n, err2 := strconv.ParseInt(text[i+1:], 10, 64)
	return text[:j], int32(p), n, err1 == nil && err2 == nil && p >= 0 && n >= 0
}

func describeRecord(r stream.BadRecord, dump bool) string {
	var b strings.Builder
	line := func(name, text string) {
		if strings.Contains(text, "\n") {
			text = "\n  " + strings.ReplaceAll(text, "\n", "\n  ")
		}
		fmt.Fprintf(&b, "%-12s %s\n", name, text)
	}
	line("stream", r.Source.Name)
	line("record", fmt.Sprintf("%s/%d/%d", r.Record.Topic, r.Record.Partition, r.Record.Offset))
	line("timestamp", r.Record.Timestamp.UTC().Format(time.RFC3339Nano))
	line("error", r.Code+": "+r.Reason)
	line("stage", r.Stage)
	if r.Field != "" {
		line("field", r.Field)
	}
	if r.SchemaID != "" {
		line("schema id", r.SchemaID)
	}
	line("quarantined", fmt.Sprintf("%s in batch %d, %s", r.Quarantined.Format(time.RFC3339Nano), r.Batch, r.Status))
	line("key", stream.Readable(r.Record.Key, dump))
	line("value", stream.Readable(r.Record.Value, dump))
	for _, h := range r.Record.Headers {
		line("header "+h.Key, stream.Readable(h.Value, dump))
	}
	return strings.TrimRight(b.String(), "\n")
}
