package postgres

import (
	"bytes"
	"encoding/binary"

	"github.com/millrace/millrace/adapters/columnar"
)

// numericDigits bounds the digits that are written in binary form, far below what the server
// takes (131,072 before the point and 16,383 behind it).
const numericDigits = 1000

// numericFits takes decimals without an exponent: -12.50, .5, 7.
func numericFits(col *columnar.Column, row int) bool {
	text := col.DataAt(row)
	if len(text) > 0 && text[0] == '-' {
		text = text[1:]
	}
	digits, points := 0, 0
	for _, ch := range text {
		switch {
		case ch == '.':
			points++
		case '0' <= ch && ch <= '9':
			digits++
		default:
			return false
		}
	}
	return 0 < digits && digits <= numericDigits && points <= 1
}

// numericCell writes a numeric as the server keeps it: digits in base 10,000, the weight of
// the first of them, the sign, and how many decimal digits stand behind the point.
func numericCell(b []byte, col *columnar.Column, row int) []byte {
	const negative, base = 0x4000, 4
	text, sign := col.DataAt(row), uint16(0)
	if text[0] == '-' {
		text, sign = text[1:], negative
	}
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	whole = bytes.TrimLeft(whole, "0")
	groups := (len(whole)+base-1)/base + (len(fraction)+base-1)/base
	b = binary.BigEndian.AppendUint32(b, uint32(8+2*groups))
	b = binary.BigEndian.AppendUint16(b, uint16(groups))
	b = binary.BigEndian.AppendUint16(b, uint16((len(whole)+base-1)/base-1))
	b = binary.BigEndian.AppendUint16(b, sign)
	b = binary.BigEndian.AppendUint16(b, uint16(len(fraction)))
	for len(whole) > 0 {
		n := (len(whole)-1)%base + 1
		b = binary.BigEndian.AppendUint16(b, decimalOf(whole[:n]))
		whole = whole[n:]
	}
	for len(fraction) > 0 {
		n := min(base, len(fraction))
		group := decimalOf(fraction[:n])
		for range base - n {
			group *= 10
		}
		b = binary.BigEndian.AppendUint16(b, group)
		fraction = fraction[n:]
	}
	return b
}

func decimalOf(digits []byte) uint16 {
	n := uint16(0)
	for _, ch := range digits {
		n = n*10 + uint16(ch-'0')
	}
	return n
}
