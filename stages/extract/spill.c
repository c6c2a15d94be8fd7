/* What may go on behind the end of a word: every place where a form of the dictionary has a blank or mark, as a hash of what is
 * before it and a bitmap of that with what follows. Made once, with the index. */
#include "stages/extract/memo.h"

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

static void set_bit(uint64_t *bits, uint32_t at)
{
	bits[at / 64] |= UINT64_C(1) << at % 64;
}

/* First three bytes behind the blank: of an open last syllable every final is possible; zeroes stand for any. */
static void note_next(struct sori_spill_index *x, uint32_t hash, unsigned char blank, const struct sori_form *form, size_t behind)
{
	const char *at = form->text.at + behind;
	size_t left = form->text.length - behind;
	unsigned char next[4] = {blank, 0, 0, 0};
	if (left >= 3)
		memcpy(next + 1, at, 3);
	set_bit(x->goes_on, sori_spill_bit(hash, next));
	if (form->open && left == 3) {
		unsigned length;
		uint32_t point = sori_utf8_decode(at, &length);
		for (uint32_t final = 0; final < 28; final++) {
			char other[4];
			(void)sori_utf8_encode(point - (point - 0xac00) % 28 + final, other);
			memcpy(next + 1, other, 3);
			set_bit(x->goes_on, sori_spill_bit(hash, next));
		}
	}
}

#define FOLDED_FROM 4u /* index.c: from here on a blank of a Latin form also stands for a hyphen, which joins words */
#define FORM_BYTES 256u

/* Every place where the form may leave a word of the text. */
static void note_form(struct sori_spill_index *x, const struct sori_form *form)
{
	struct sori_view text = form->text;
	char joined[FORM_BYTES] SORI_UNINITIALIZED; /* the text's word when all blanks so far are hyphens */
	bool latin = text.length && (unsigned char)text.at[0] < 0x80;
	if (text.length > sizeof joined)
		latin = false;
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.at[i];
		if (latin)
			joined[i] = text.at[i];
		if (i == 0 || byte >= 0x80 || sori_is_word_byte(byte))
			continue;
		uint64_t start = sori_spill_hash(latin ? joined : text.at, i) | 1; /* never the empty slot */
		uint32_t hash = (uint32_t)(start >> 32);
		x->starts[sori_spill_slot(x, start)] = start;
		note_next(x, hash, byte, form, i + 1);
		if (byte == ' ' || byte == '-')
			note_next(x, hash, byte == ' ' ? '-' : ' ', form, i + 1);
		if (byte == ' ' && (!latin || i < FOLDED_FROM))
			return;
		if (byte == ' ')
			joined[i] = '-';
	}
}

/* A border of passages is . ! or ? before a blank, or a line break; index.c reads a hyphen of a Latin form as a blank. */
static bool goes_over_border(struct sori_view text)
{
	for (size_t i = 0; i < text.length; i++) {
		char byte = text.at[i], next = i + 1 < text.length ? text.at[i + 1] : 'x';
		if (byte == SORI_CHAR_BREAK || ((byte == '.' || byte == '!' || byte == '?') && (next == ' ' || next == '-')))
			return true;
	}
	return false;
}

static size_t count_marks(struct sori_view text)
{
	size_t marks = 0;
	for (size_t k = 0; k < text.length; k++)
		marks += (unsigned char)text.at[k] < 0x80 && !sori_is_word_byte((unsigned char)text.at[k]);
	return marks;
}

enum sori_status sori_spill_build(const struct sori_dictionary *d, struct sori_error *error)
{
	struct sori_spill_index *x = d->index->spills = sori_alloc_zero(1, sizeof *x);
	size_t wanted = 1024;
	for (uint32_t i = 0; i < d->form_count; i++)
		wanted += count_marks(d->forms[i].text);
	if (x) {
		for (x->start_capacity = 1024; x->start_capacity < 2 * wanted; x->start_capacity *= 2)
			;
		x->starts = sori_alloc_zero(x->start_capacity, sizeof *x->starts);
	}
	if (!x || !x->starts)
		return sori_fail(error, SORI_SYSTEM, "no memory for the index");
	for (uint32_t i = 0; i < d->form_count; i++) {
		note_form(x, &d->forms[i]);
		x->over_border |= goes_over_border(d->forms[i].text);
	}
	for (size_t i = 0; i < d->index->ex_count; i++)
		x->over_border |= goes_over_border(d->index->ex[i].text);
	return SORI_OK;
}

void sori_spill_free(struct sori_spill_index *x)
{
	if (x)
		sori_free(x->starts);
	sori_free(x);
}
