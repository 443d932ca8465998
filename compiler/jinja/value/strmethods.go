package value

import "strings"

var strMethods map[string]method

func init() {
	strMethods = map[string]method{
		"encode": strEncode,
		"lower":  strNoArgs("lower", strings.ToLower),
		"upper":  strNoArgs("upper", strings.ToUpper),
	}
}

func strNoArgs(name string, fn func(string) string) method {
	full := "str." + name
	return func(_ *Thread, self Value, a Args) (Value, error) {
		if err := a.between(full, 0, 0); err != nil {
			return Undef, err
		}
		return String(fn(self.rawString())), nil
	}
}
