package site

import (
	"encoding/binary"
	"sort"
	"strings"
	"unicode"
)

// field says where in a doc a term occurs; three bits of a posting.
type field uint32

const (
	fieldName field = iota
	fieldAlias
	fieldColumn
	fieldTag
	fieldOwner
	fieldText       // description of the doc
	fieldColumnText // description of a column
	fieldTest       // name of a generic test
)

// searchIndex is an inverted index: a sorted dictionary of terms, for each term the docs and
// fields where it occurs, and for misspelled words the terms by their trigrams.
type searchIndex struct {
	number map[string]int32
	terms  []string
	posts  [][]uint32 // doc<<3 | field, ascending per doc
}

// searchable builds the index. Terms are whole names, columns, tags and owners in lower
// case, and the words of descriptions.
func searchable(docs []*node) *searchIndex {
	x := &searchIndex{number: map[string]int32{}}
	for i, d := range docs {
		doc := uint32(i)
		if d.kind == kindTest && d.testName != "" {
			// The name of a generic test only repeats its model and column.
			x.add(doc, fieldTest, d.testName)
			x.add(doc, fieldColumn, d.columnName)
		} else {
			x.add(doc, fieldName, d.label)
		}
		if d.alias != d.name && !d.kind.isTest() {
			x.add(doc, fieldAlias, d.alias)
		}
		for _, t := range d.tags {
			x.add(doc, fieldTag, t)
		}
		x.add(doc, fieldOwner, d.owner)
		x.add(doc, fieldOwner, d.ownerEmail)
		x.words(doc, fieldText, d.descriptionText)
		if d.kind.isTest() {
			continue
		}
		for j := range d.columns {
			x.add(doc, fieldColumn, d.columns[j].key)
			x.words(doc, fieldColumnText, d.columns[j].text)
		}
	}
	return x
}

func (x *searchIndex) add(doc uint32, f field, term string) {
	if term == "" {
		return
	}
	x.put(doc<<3|uint32(f), strings.ToLower(strings.ReplaceAll(term, "\n", " ")))
}

func (x *searchIndex) put(post uint32, term string) {
	i, ok := x.number[term]
	if !ok {
		i = int32(len(x.terms))
		x.number[term] = i
		x.terms = append(x.terms, term)
		x.posts = append(x.posts, nil)
	}
	list := x.posts[i]
	for j := len(list) - 1; j >= 0 && list[j]>>3 == post>>3; j-- {
		if list[j] == post {
			return
		}
	}
	x.posts[i] = append(list, post)
}

// words adds the words of a text that are longer than one letter.
func (x *searchIndex) words(doc uint32, f field, text string) {
	start := -1
	post := doc<<3 | uint32(f)
	for i, r := range text {
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && i-start > 1 {
			x.word(post, text[start:i])
		}
		start = -1
	}
	if start >= 0 && len(text)-start > 1 {
		x.word(post, text[start:])
	}
}

func (x *searchIndex) word(post uint32, w string) {
	if len(w) <= 40 {
		x.put(post, strings.ToLower(w))
	}
}

// encode writes the index: terms by line, postings and trigram lists as ascending numbers in
// varints of their differences, with the length of each list in front.
func (x *searchIndex) encode() []byte {
	order := make([]int32, len(x.terms))
	for i := range order {
		order[i] = int32(i)
	}
	sort.Slice(order, func(i, j int) bool { return x.terms[order[i]] < x.terms[order[j]] })
	sorted := make([]string, len(order))
	var posts []byte
	at := make([]uint32, 0, len(order)+1)
	for i, t := range order {
		sorted[i] = x.terms[t]
		at = append(at, uint32(len(posts)))
		list := x.posts[t]
		if !sort.SliceIsSorted(list, func(a, b int) bool { return list[a] < list[b] }) {
			sort.Slice(list, func(a, b int) bool { return list[a] < list[b] })
		}
		posts = appendDeltas(posts, list)
	}
	at = append(at, uint32(len(posts)))
	o := newObject(nil)
	o.lines("terms", sorted)
	o.u32("at", at)
	o.bytes("posts", posts)
	keys, gramAt, grams := trigrams(sorted)
	o.u32("gramKeys", keys)
	o.u32("gramAt", gramAt)
	o.bytes("grams", grams)
	return o.end()
}

func appendDeltas(buf []byte, list []uint32) []byte {
	last := uint32(0)
	for _, v := range list {
		buf = binary.AppendUvarint(buf, uint64(v-last))
		last = v
	}
	return buf
}

// gramLength bounds how much of a term counts for misspellings.
const gramLength = 48

// trigrams indexes terms by three neighbouring letters; the first letters also with a zero
// in front, so that beginnings weigh more. A key packs ten bits of each letter, as the
// browser computes it from UTF-16 units.
func trigrams(terms []string) (keys, at []uint32, lists []byte) {
	postings := map[uint32][]uint32{}
	for i, t := range terms {
		var a, b uint32
		n := 0
		for _, r := range t {
			c := uint32(r) & 0x3ff
			if n++; n > gramLength {
				break
			}
			if n > 1 {
				key := a<<20 | b<<10 | c
				list := postings[key]
				if len(list) == 0 || list[len(list)-1] != uint32(i) {
					postings[key] = append(list, uint32(i))
				}
			}
			a, b = b, c
		}
	}
	keys = make([]uint32, 0, len(postings))
	for k := range postings {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	at = make([]uint32, 0, len(keys)+1)
	for _, k := range keys {
		at = append(at, uint32(len(lists)))
		lists = appendDeltas(lists, postings[k])
	}
	return keys, append(at, uint32(len(lists))), lists
}
