package selector

import (
	"strings"
	"unicode/utf8"
)

// fnmatch matches shell patterns as Python's fnmatch does: * ? [abc] [!abc] over the whole
// text, separators included. A bracket that is never closed stands for itself.
func fnmatch(name, pattern string) bool {
	if !strings.ContainsAny(pattern, "*?[") {
		return name == pattern
	}
	return match(name, pattern)
}

// match backtracks to the latest star only, which is enough and keeps it linear in practice.
func match(name, pattern string) bool {
	var starPattern, starName string
	star := false
	for {
		if pattern == "" {
			if name == "" {
				return true
			}
		} else if pattern[0] == '*' {
			pattern = pattern[1:]
			starPattern, starName, star = pattern, name, true
			continue
		} else if name != "" {
			r, size := utf8.DecodeRuneInString(name)
			if rest, ok := matchOne(r, pattern); ok {
				name, pattern = name[size:], rest
				continue
			}
		}
		if !star || starName == "" {
			return false
		}
		_, size := utf8.DecodeRuneInString(starName)
		starName = starName[size:]
		name, pattern = starName, starPattern
	}
}

// matchOne matches one rune against the head of a pattern that is not a star.
func matchOne(r rune, pattern string) (rest string, ok bool) {
	switch pattern[0] {
	case '?':
		return pattern[1:], true
	case '[':
		if set, rest, found := class(pattern); found {
			return rest, inClass(r, set)
		}
	}
	p, size := utf8.DecodeRuneInString(pattern)
	return pattern[size:], p == r
}

// class cuts "[…]" off the head; a "]" right after the opening (or its "!") is a member.
func class(pattern string) (set, rest string, ok bool) {
	i := 1
	if i < len(pattern) && pattern[i] == '!' {
		i++
	}
	if i < len(pattern) && pattern[i] == ']' {
		i++
	}
	end := strings.IndexByte(pattern[min(i, len(pattern)):], ']')
	if end < 0 {
		return "", "", false
	}
	end += i
	return pattern[1:end], pattern[end+1:], true
}

func inClass(r rune, set string) bool {
	negate := strings.HasPrefix(set, "!")
	if negate {
		set = set[1:]
	}
	members := []rune(set)
	for i := 0; i < len(members); i++ {
		if i+2 < len(members) && members[i+1] == '-' {
			if members[i] <= r && r <= members[i+2] {
				return !negate
			}
			i += 2
			continue
		}
		if members[i] == r {
			return !negate
		}
	}
	return negate
}
