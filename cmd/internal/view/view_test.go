package view

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

func at(name string, level event.Level, msg string) event.Event {
	return event.Event{Name: name, Level: level, Msg: msg, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func TestTextLines(t *testing.T) {
	src := diag.NewSource("models/a.sql", "select\n\tbad\n")
	d := diag.New(diag.CodeUnknownColumn, diag.Database, src.At(8, 11), "no column")
	d.Hint = "did you mean 'sad'?"
	failed := at("RunResultError", event.Error, "  no column")
	failed.Diag = d
	for _, c := range []struct {
		name string
		o    Options
		e    event.Event
		want string
	}{
		{"a line with its time", Options{Level: event.Info}, at("LogModelResult", event.Info, "1 of 2 OK"), "03:04:05  1 of 2 OK\n"},
		{"starts are left to the footer", Options{Level: event.Info}, at("LogStartLine", event.Info, "1 of 2 START"), ""},
		{"debug shows starts", Options{Level: event.Debug}, at("LogStartLine", event.Info, "1 of 2 START"), "03:04:05  1 of 2 START\n"},
		{"below the level", Options{Level: event.Warn}, at("X", event.Info, "x"), ""},
		{"quiet keeps answers", Options{Level: event.Info, Quiet: true}, at("PrintEvent", event.Info, "answer"), "answer\n"},
		{"quiet keeps errors", Options{Level: event.Info, Quiet: true}, at("X", event.Error, "bad"), "03:04:05  bad\n"},
		{"no colours from macros", Options{Level: event.Info}, at("JinjaLogInfo", event.Info, "\x1b[31mred\x1b[0m"), "03:04:05  red\n"},
		{"an excerpt with caret and hint", Options{Level: event.Info}, failed,
			"03:04:05    no column\n  MR4004 models/a.sql:2:2\n   2 |     bad\n     |     ^^^\n  hint: did you mean 'sad'?\n"},
	} {
		var out bytes.Buffer
		c.o.Out, c.o.Err = &out, &out
		v := New(c.o)
		v.Emit(c.e)
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		if out.String() != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", c.name, out.String(), c.want)
		}
	}
}

func TestJSONLines(t *testing.T) {
	var out bytes.Buffer
	v := New(Options{Out: &out, Err: &out, Format: "json", Level: event.Info, InvocationID: "id"})
	e := at("LogModelResult", event.Info, "ok")
	e.Data = map[string]any{"node_info": &event.NodeInfo{UniqueID: "model.p.a"}}
	v.Emit(e)
	var line struct {
		Info struct{ Name, Msg, Thread, InvocationID string }
		Data struct {
			NodeInfo struct {
				UniqueID string `json:"unique_id"`
			} `json:"node_info"`
		}
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Info.Name != "LogModelResult" || line.Info.Thread != "MainThread" || line.Data.NodeInfo.UniqueID != "model.p.a" {
		t.Errorf("got %s", out.String())
	}
}

func TestLogFileRotates(t *testing.T) {
	dir := t.TempDir()
	write := func() {
		v := New(Options{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}, LogPath: dir, FileMaxBytes: 100})
		v.Emit(at("X", event.Info, strings.Repeat("x", 120)))
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write()
	write()
	if _, err := os.Stat(filepath.Join(dir, "dbt.log.1")); err != nil {
		t.Error(err)
	}
}
