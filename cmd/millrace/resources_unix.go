//go:build unix

package main

import "syscall"

// resourceUse is what the process has used so far, under the names of dbt's ResourceReport.
func resourceUse() map[string]any {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return nil
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Nano()) / 1e9 }
	return map[string]any{"process_user_time": seconds(u.Utime), "process_kernel_time": seconds(u.Stime),
		"process_mem_max_rss": u.Maxrss, "process_in_blocks": u.Inblock, "process_out_blocks": u.Oublock}
}
