package manifest

import (
	"strconv"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// IsLatestVersion reports whether an unpinned ref() of a versioned model means this one.
func (n *Node) IsLatestVersion() bool {
	return !n.Version.IsNull() && value.Equal(n.Version, n.LatestVersion)
}

// OlderVersion compares versions as numbers when both are, else as text.
func OlderVersion(a, b value.Value) bool {
	x, errX := strconv.ParseFloat(value.Str(a), 64)
	y, errY := strconv.ParseFloat(value.Str(b), 64)
	if errX == nil && errY == nil {
		return x < y
	}
	return value.Str(a) < value.Str(b)
}

// Prerelease is the newest version of a model if it is newer than the one that counts as the latest.
func (m *Manifest) Prerelease(n *Node) (version value.Value, ok bool) {
	version = n.LatestVersion
	for _, other := range m.NodeList() {
		if other.ResourceType == Model && other.Name == n.Name && !other.Version.IsNull() && OlderVersion(version, other.Version) {
			version, ok = other.Version, true
		}
	}
	return version, ok
}

// VersionedName is the test's name with the version of the model that it tests.
func (u *UnitTestDef) VersionedName() string {
	if u.Version.IsNull() {
		return u.Name
	}
	return u.Name + "_v" + value.Str(u.Version)
}
