// Command gen writes sites for the browser's tests.
//
//	gen TARGET OUT [PAGES]    the site of the artifacts in TARGET with a folder of pages, and OUT/single.html
//	gen -large OUT            artifacts of a large project in OUT/target, and its site in OUT
//	gen -serve TARGET [PAGES] serves TARGET on a free port and prints the address
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/millrace/millrace/docs/site"
	"github.com/millrace/millrace/docs/site/sitetest"
)

func main() {
	if len(os.Args) != 3 && len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: gen (TARGET | -large | -serve) DIR [PAGES]")
		os.Exit(2)
	}
	pages := ""
	if len(os.Args) == 4 {
		pages = os.Args[3]
	}
	if err := run(os.Args[1], os.Args[2], pages); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(what, dir, pages string) error {
	o := site.Options{Version: "test"}
	switch what {
	case "-serve":
		return serve(dir, pages, o)
	case "-large":
		target := filepath.Join(dir, "target")
		if err := sitetest.Write(target, sitetest.Large); err != nil {
			return err
		}
		start := time.Now()
		s, err := site.Build(site.InTarget(target), o)
		if err != nil {
			return err
		}
		if err := s.Write(dir); err != nil {
			return err
		}
		fmt.Printf("generate_seconds=%.2f\n", time.Since(start).Seconds())
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	in := site.InTarget(what)
	in.Pages = pages
	s, err := site.Build(in, o)
	if err != nil {
		return err
	}
	if err := s.Write(dir); err != nil {
		return err
	}
	return s.WriteSingle(filepath.Join(dir, "single.html"))
}

func serve(target, pages string, o site.Options) error {
	in := site.InTarget(target)
	in.Pages = pages
	s, err := site.NewServer(in, o, target)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/\n", l.Addr())
	go s.Watch(context.Background(), 100*time.Millisecond, func(err error) { fmt.Println("rebuilt", err) })
	return (&http.Server{Handler: s, ReadHeaderTimeout: time.Second}).Serve(l)
}
