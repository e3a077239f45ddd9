// The work of bench/limit done by vishvananda/netlink: `netlink WORK --count N [--repeat N] [--warm N] [--hold]`.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"
)

type options struct {
	count, repeat, warm int
	hold                bool
}

type result struct {
	TotalNs int64   `json:"total_ns"`
	EachNs  []int64 `json:"each_ns"`
	Lost    *int    `json:"lost,omitempty"`
}

var works = map[string]func(options) result{
	"attach":   attach,
	"netns":    createAndDelete,
	"routes":   addRoutes,
	"dump":     dumpRoutes,
	"links":    listLinks,
	"get-link": getLinks,
	"set-link": setLinks,
	"monitor":  readEvents,
}

func main() {
	// Namespaces belong to threads: this one stays the same.
	runtime.LockOSThread()
	var o options
	flags := flag.NewFlagSet("netlink", flag.ExitOnError)
	flags.IntVar(&o.count, "count", 100, "")
	flags.IntVar(&o.repeat, "repeat", 10, "")
	flags.IntVar(&o.warm, "warm", 0, "")
	flags.BoolVar(&o.hold, "hold", false, "")
	if len(os.Args) < 2 || works[os.Args[1]] == nil {
		die("usage: netlink WORK [--count N] [--repeat N] [--warm N] [--hold]")
	}
	check(flags.Parse(os.Args[2:]))
	works[os.Args[1]](o)
}

func die(format string, arguments ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		die("%v", err)
	}
}

func (r result) print() result {
	if r.EachNs == nil {
		r.EachNs = []int64{}
	}
	check(json.NewEncoder(os.Stdout).Encode(r))
	return r
}

// timed calls work for 0, 1 … count-1 and returns how long all and each of it took.
func timed(count int, work func(int)) result {
	each := make([]int64, count)
	start := time.Now()
	for i := range each {
		begun := time.Now()
		work(i)
		each[i] = time.Since(begun).Nanoseconds()
	}
	return result{TotalNs: time.Since(start).Nanoseconds(), EachNs: each}
}

func waitForInputEnd() {
	_, err := io.Copy(io.Discard, os.Stdin)
	check(err)
}

// settle waits until the kernel has taken down the namespaces that were let go.
func settle() {
	check(exec.Command(os.Getenv("BENCH_SETTLE")).Run())
}
