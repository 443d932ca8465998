package builtin

import (
	"math/rand/v2"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

var lipsumWords = strings.Fields(`ad adipiscing aliqua aliquip amet anim aute cillum commodo consectetur consequat culpa
cupidatat deserunt do dolor dolore duis ea eiusmod elit enim esse est et eu ex excepteur exercitation fugiat id in
incididunt ipsum irure labore laboris laborum lorem magna minim mollit nisi non nostrud nulla occaecat officia
pariatur proident qui quis reprehenderit sed sint sit sunt tempor ullamco ut velit veniam voluptate`)

// lipsum is filler text: n paragraphs of min to max words.
func lipsum(th *value.Thread, a value.Args) (value.Value, error) {
	args, err := a.Bind("generate_lorem_ipsum", "n?", "html?", "min?", "max?")
	if err != nil {
		return value.Undef, err
	}
	var numbers [3]int64
	for i, k := range []struct {
		arg    value.Value
		absent int64
	}{{args[0], 5}, {args[2], 20}, {args[3], 100}} {
		if numbers[i], err = integer(k.arg, k.absent); err != nil {
			return value.Undef, err
		}
	}
	n, least, most := numbers[0], numbers[1], numbers[2]
	if most <= least {
		return value.Undef, value.Errorf("ValueError", "empty range for randrange() (%d, %d, %d)", least, most, most-least)
	}
	if err := th.CheckList(max(n, 0)); err != nil {
		return value.Undef, err
	}
	if n > 0 && most > 0 {
		if err := th.CheckString(16 * n * min(most, 1<<40)); err != nil {
			return value.Undef, err
		}
	}
	asHTML := args[1].IsUndefined() || value.Truth(args[1])
	var paragraphs []string
	for range n {
		p := lipsumParagraph(least + rand.Int64N(most-least))
		if asHTML {
			p = "<p>" + p + "</p>"
		}
		paragraphs = append(paragraphs, p)
	}
	if asHTML {
		return value.String(strings.Join(paragraphs, "\n")), nil
	}
	return value.String(strings.Join(paragraphs, "\n\n")), nil
}

func lipsumParagraph(words int64) string {
	var b strings.Builder
	last, capital := "", true
	comma, stop := int64(0), int64(0)
	for i := range words {
		word := last
		for word == last {
			word = lipsumWords[rand.IntN(len(lipsumWords))]
		}
		last = word
		if capital {
			word, capital = value.Capitalize(word), false
		}
		if i-(3+rand.Int64N(5)) > comma {
			comma = i
			stop += 2
			word += ","
		}
		if i-(10+rand.Int64N(10)) > stop {
			comma, stop = i, i
			word = strings.TrimSuffix(word, ",") + "."
			capital = true
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return trimSentence(b.String())
}
