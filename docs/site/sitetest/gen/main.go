// Command gen writes sites for the browser's tests.
//
//	gen TARGET OUT            the site of the artifacts in TARGET, and OUT/single.html
//	gen -large OUT            artifacts of a large project in OUT/target, and its site in OUT
//	gen -serve TARGET         serves TARGET on a free port and prints the address
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
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen (TARGET | -large | -serve) DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(what, dir string) error {
	o := site.Options{Version: "test"}
	switch what {
	case "-serve":
		return serve(dir, o)
	case "-large":
		target := filepath.Join(dir, "target")
		if err := sitetest.Write(target, sitetest.Large); err != nil {
			return err
		}
		start := time.Now()
		if err := site.Write(dir, site.InTarget(target), o); err != nil {
			return err
		}
		fmt.Printf("generate_seconds=%.2f\n", time.Since(start).Seconds())
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := site.Write(dir, site.InTarget(what), o); err != nil {
		return err
	}
	return site.WriteSingle(filepath.Join(dir, "single.html"), site.InTarget(what), o)
}

func serve(target string, o site.Options) error {
	s, err := site.NewServer(site.InTarget(target), o, target)
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
