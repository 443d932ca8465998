package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/stream"
	"github.com/spf13/cobra"
)

func (a *app) quarantineCommand() *cobra.Command {
	c := a.command("quarantine", spec{
		flags: "stream quarantine", short: "Show the records that could not land, the newest first",
		example: "  millrace stream quarantine --rows 50\n  millrace stream quarantine replay",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				shown, asked := inv.flags.Rows, -1
				if shown >= 0 {
					asked = shown + 1 // one more tells whether there are more
				}
				t, err := s.Quarantine(inv.ctx, asked)
				if err != nil {
					return exitProject, err
				}
				inv.answer(t.PrintTable(shown, -1, 80))
				if shown >= 0 && len(t.Rows) > shown {
					inv.emit(event.Note(event.Info, "There are more; --rows -1 shows all."))
				}
				return exitOK, nil
			})
		},
	})
	c.AddCommand(a.quarantineInspectCommand())
	c.AddCommand(a.command("replay", spec{
		flags: "stream quarantine replay", short: "Decode quarantined records again and land those that are good now",
		long: `Uses the bytes that quarantine kept and today's declaration. Each record lands once, however often this runs.
It takes the streams over: a process that runs them stops.`,
		example: "  millrace stream quarantine replay",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				released, err := s.ReleaseQuarantine(inv.ctx)
				for _, r := range released {
					line := fmt.Sprintf("%s: %d landed, %d still bad", r.Source.Name, r.Landed, r.Kept)
					for _, code := range slices.Sorted(maps.Keys(r.Reasons)) {
						line += fmt.Sprintf(", %s %d", code, r.Reasons[code])
					}
					inv.answer(line)
				}
				return exitOK, err
			})
		},
	}))
	return c
}

// quarantineInspectCommand is `stream quarantine inspect`.
func (a *app) quarantineInspectCommand() *cobra.Command {
	return a.command("inspect", spec{
		use: "TOPIC/PARTITION/OFFSET", args: cobra.ExactArgs(1),
		flags: "stream quarantine inspect", short: "Show one quarantined record with its key, value, headers and error",
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
					inv.answer(describeRecord(r, inv.flags.Hex))
				}
				return exitOK, nil
			})
		},
	})
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

func describeRecord(r stream.BadRecord, hex bool) string {
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
	line("key", stream.Readable(r.Record.Key, hex))
	line("value", stream.Readable(r.Record.Value, hex))
	for _, h := range r.Record.Headers {
		line("header "+h.Key, stream.Readable(h.Value, hex))
	}
	return strings.TrimRight(b.String(), "\n")
}
