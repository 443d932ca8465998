//go:build !unix

package main

// resources are not measured here.
func resources() map[string]any { return nil }
