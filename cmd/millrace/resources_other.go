//go:build !unix

package main

// resourceUse is not measured here.
func resourceUse() map[string]any { return nil }
