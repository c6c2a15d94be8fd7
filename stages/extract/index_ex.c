/* Words of ex=. A list of them may belong to many terms, most of which stand in few of the words: the letters of a word tell
 * without a search that a match cannot stand in it. */
#include "stages/extract/index.h"

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

uint64_t sori_index_letters(struct sori_view text)
{
	uint64_t letters = 0;
	unsigned length;
	for (size_t at = 0; at < text.length; at += length)
		letters |= UINT64_C(1) << (sori_utf8_decode(text.at + at, &length) * UINT32_C(2654435761) >> 26);
	return letters;
}

/* clause.c: words are letters, digits and what is not ASCII, wide punctuation (E2, E3) apart. */
static bool has_mark(struct sori_view text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.at[i];
		if (byte < 0x80 ? !sori_is_word_byte(byte) : byte == 0xe2 || byte == 0xe3)
			return true;
	}
	return false;
}

static bool add_words(struct sori_index *x, const struct sori_group *group)
{
	if (SORI_GROW(x->ex, x->ex_capacity, x->ex_count + group->ex_count) != 0)
		return false;
	for (unsigned i = 0; i < group->ex_count; i++)
		x->ex[x->ex_count++] = (struct sori_ex){.text = group->ex[i], .letters = sori_index_letters(group->ex[i]),
							 .joins = has_mark(group->ex[i])};
	return true;
}

bool sori_index_ex(struct sori_index *x)
{
	for (size_t i = 0; i < x->group_count; i++) {
		struct sori_group *group = &x->groups[i];
		size_t known = 0;
		if (!group->ex_count)
			continue;
		while (known < x->ex_count && x->ex[known].text.at != group->ex[0].at)
			known++;
		group->ex_first = (uint32_t)known;
		if (known == x->ex_count && !add_words(x, group))
			return false;
	}
	return true;
}
