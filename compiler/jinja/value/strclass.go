package value

import (
	"strings"
	"unicode"
)

func isAlpha(r rune) bool   { return unicode.IsLetter(r) }
func isDecimal(r rune) bool { return unicode.Is(unicode.Nd, r) }
func isAlnum(r rune) bool   { return isAlpha(r) || isNumeric(r) }

// digitRanges are the characters beyond Nd that have a digit value: superscripts,
// subscripts, circled and parenthesised digits.
var digitRanges = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0xb2, 0xb3, 1}, {0xb9, 0xb9, 1}, {0x1369, 0x1371, 1}, {0x19da, 0x19da, 1}, {0x2070, 0x2070, 1},
		{0x2074, 0x2079, 1}, {0x2080, 0x2089, 1}, {0x2460, 0x2468, 1}, {0x2474, 0x247c, 1}, {0x2488, 0x2490, 1},
		{0x24ea, 0x24ea, 1}, {0x24f5, 0x24fd, 1}, {0x24ff, 0x24ff, 1}, {0x2776, 0x277e, 1}, {0x2780, 0x2788, 1},
		{0x278a, 0x2792, 1},
	},
	R32:         []unicode.Range32{{0x10a40, 0x10a43, 1}, {0x10e60, 0x10e68, 1}, {0x11052, 0x1105a, 1}, {0x1f100, 0x1f10a, 1}},
	LatinOffset: 2,
}

func isDigitRune(r rune) bool { return isDecimal(r) || unicode.Is(digitRanges, r) }

// ideographNumbers are the Han characters that stand for numbers.
const ideographNumbers = "一二三四五六七八九十百千万億兆零〇亿兩两幺弌弍弎壱壹弐貳贰参參叁肆伍陸陆柒捌玖拾佰仟萬廿卅卌"

func isNumeric(r rune) bool {
	return unicode.IsNumber(r) || r >= 0x3007 && strings.ContainsRune(ideographNumbers, r)
}

func isIdentifier(s string) bool {
	for i, r := range s {
		start := r == '_' || unicode.IsLetter(r) || unicode.In(r, unicode.Nl, unicode.Other_ID_Start)
		if i == 0 && !start {
			return false
		}
		if !start && !unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) {
			return false
		}
	}
	return s != ""
}

func isPrintable(s string) bool {
	for _, r := range s {
		if !printable(r) {
			return false
		}
	}
	return true
}
