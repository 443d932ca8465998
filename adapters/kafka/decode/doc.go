// Package decode turns the bytes of records into typed columns. Only what is declared is
// decoded; the rest is checked for syntax and skipped. A record that does not hold what
// was declared gives a coded Error and leaves no trace in the columns.
package decode
