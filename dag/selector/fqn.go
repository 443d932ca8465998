package selector

import "strings"

// fqnMatches compares a dotted selector with a qualified name, with and without the package.
func fqnMatches(pattern string, fqn []string, versioned bool) bool {
	if len(fqn) == 0 {
		return false
	}
	if pattern == "*" {
		return true
	}
	return fqnMatch(pattern, fqn, versioned) || len(fqn) > 1 && fqnMatch(pattern, fqn[1:], versioned)
}

func fqnMatch(pattern string, fqn []string, versioned bool) bool {
	leaf := fqn[len(fqn)-1]
	parts := strings.Split(pattern, ".")
	if versioned && len(fqn) > 1 {
		// The last segment is the version: "model", "model.v2" and "model_v2" all name it.
		leaf = fqn[len(fqn)-2]
		if strings.Join(fqn[len(fqn)-2:], "_") == strings.Join(parts[max(0, len(parts)-2):], "_") {
			return true
		}
	}
	if leaf == pattern {
		return true
	}
	flat := make([]string, 0, len(fqn))
	for _, segment := range fqn {
		flat = append(flat, strings.Split(segment, ".")...)
	}
	if len(flat) < len(parts) {
		return false
	}
	for i, part := range parts {
		if !strings.ContainsAny(part, "*?[]") {
			if flat[i] != part {
				return false
			}
			continue
		}
		// From the first wildcard on the rest is matched as one text, dots included.
		if fnmatch(strings.Join(flat[i:], "."), strings.Join(parts[i:], ".")) {
			return true
		}
		return len(parts) == 1 && fnmatch(leaf, pattern)
	}
	return true
}
