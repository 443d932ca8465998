package jinja

// tokenKind is the type of a token.
type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokData
	tokVarBegin
	tokVarEnd
	tokBlockBegin
	tokBlockEnd
	tokName
	tokString
	tokInt
	tokFloat
	tokAdd
	tokSub
	tokMul
	tokDiv
	tokFloorDiv
	tokMod
	tokPow
	tokTilde
	tokLBracket
	tokRBracket
	tokLParen
	tokRParen
	tokLBrace
	tokRBrace
	tokEq
	tokNe
	tokGt
	tokGe
	tokLt
	tokLe
	tokAssign
	tokDot
	tokColon
	tokPipe
	tokComma
	tokSemicolon
)

var tokenNames = [...]string{
	tokEOF:        "end of template",
	tokData:       "template data / text",
	tokVarBegin:   "begin of print statement",
	tokVarEnd:     "end of print statement",
	tokBlockBegin: "begin of statement block",
	tokBlockEnd:   "end of statement block",
	tokName:       "name",
	tokString:     "string",
	tokInt:        "integer",
	tokFloat:      "float",
	tokAdd:        "+",
	tokSub:        "-",
	tokMul:        "*",
	tokDiv:        "/",
	tokFloorDiv:   "//",
	tokMod:        "%",
	tokPow:        "**",
	tokTilde:      "~",
	tokLBracket:   "[",
	tokRBracket:   "]",
	tokLParen:     "(",
	tokRParen:     ")",
	tokLBrace:     "{",
	tokRBrace:     "}",
	tokEq:         "==",
	tokNe:         "!=",
	tokGt:         ">",
	tokGe:         ">=",
	tokLt:         "<",
	tokLe:         "<=",
	tokAssign:     "=",
	tokDot:        ".",
	tokColon:      ":",
	tokPipe:       "|",
	tokComma:      ",",
	tokSemicolon:  ";",
}

// token is one lexical unit; start and end are byte offsets in the source. text is the
// name, the template data (already trimmed) or the literal as written.
type token struct {
	kind       tokenKind
	start, end int
	text       string
}

// describe names a token the way Jinja's messages do.
func (t token) describe() string {
	if t.kind == tokName {
		return t.text
	}
	return tokenNames[t.kind]
}

func (t token) is(name string) bool { return t.kind == tokName && t.text == name }
