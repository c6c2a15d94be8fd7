/* A reading of 배송이에요 is every beginning of two syllables or more after which the grammar reads the rest as what may follow a
 * noun, to the end of the word. Which reading holds is voted in pipeline/core/terms.c. */
#include "pipeline/cli/term_grammar.h"

#include <string.h>

#include "stages/extract/dictionary.h"
#include "stages/extract/grammar.h"

#define SYLLABLE 3 /* bytes */

/* Entry of a noun by its last syllable's final: none, ㄹ, another. */
static unsigned entry_of(const char *syllable)
{
	const unsigned char *at = (const unsigned char *)syllable;
	unsigned point = ((at[0] & 0x0fu) << 12) | ((at[1] & 0x3fu) << 6) | (at[2] & 0x3fu);
	unsigned final = (point - 0xac00u) % 28;

	return final == 0 ? SORI_ENTRY_NJV : final == 8 ? SORI_ENTRY_NJL : SORI_ENTRY_NJK;
}

static size_t stems(void *user, struct sori_view word, struct sori_term_stem out[SORI_TERM_STEMS])
{
	struct sori_term_reader *reader = user;
	size_t count = 0;

	if (word.length % SYLLABLE != 0)
		return 0;
	for (size_t cut = 2 * SYLLABLE; cut < word.length && count < SORI_TERM_STEMS; cut += SYLLABLE) {
		struct sori_tail_parse parse = {0};

		if (!sori_endings_parse(reader->endings, entry_of(word.at + cut - SYLLABLE), 0, word, (uint32_t)cut, (uint32_t)word.length, &parse) ||
		    !parse.accepted || !parse.whole || cut > sizeof out->text)
			continue;
		memcpy(out[count].text, word.at, cut);
		out[count++].length = cut;
	}
	return count;
}

enum sori_status sori_term_reader_on(struct sori_term_reader *reader, const struct sori_dictionary *dictionary, struct sori_error *error)
{
	enum sori_status status;

	*reader = (struct sori_term_reader){0};
	status = sori_endings_new(&reader->endings, dictionary->grammar, error);
	reader->grammar = (struct sori_term_grammar){.stems = stems, .user = reader};
	return status;
}

enum sori_status sori_term_reader_open(struct sori_term_reader *reader, const struct sori_cli *cli, struct sori_error *error)
{
	struct sori_dictionary *dictionary = NULL;
	enum sori_status status = sori_cli_dictionary(cli, &dictionary, error);

	*reader = (struct sori_term_reader){0};
	if (status != SORI_OK)
		return status;
	status = sori_term_reader_on(reader, dictionary, error);
	reader->dictionary = dictionary;
	return status;
}

void sori_term_reader_close(struct sori_term_reader *reader)
{
	sori_endings_free(reader->endings);
	sori_dictionary_free(reader->dictionary);
	*reader = (struct sori_term_reader){0};
}
