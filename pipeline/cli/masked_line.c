/* A piece of feedback on one line of the screen: what dict test, dict diff and kwic print. */
#include "pipeline/cli/dict_tools.h"

static const struct sori_mask *mask_at(const struct sori_batch *batch, const struct sori_record *record, size_t at)
{
	for (uint32_t i = 0; i < record->mask_count; i++) {
		const struct sori_mask *mask = &batch->masks.masks[record->mask_first + i];

		if (at >= mask->start && at < mask->end)
			return mask;
	}
	return NULL;
}

/* Bytes of a blank or control at `at`, 0 none: C0, DEL, and the C1 and line separators of UTF-8, which a terminal may obey. */
static size_t blank_at(struct sori_view text, size_t at)
{
	unsigned char first = (unsigned char)text.at[at];

	if (first <= 0x20 || first == 0x7f)
		return 1;
	if (first == 0xc2 && at + 1 < text.length && (unsigned char)text.at[at + 1] <= 0xa0)
		return 2;
	if (first == 0xe2 && at + 2 < text.length && (unsigned char)text.at[at + 1] == 0x80 &&
	    ((unsigned char)text.at[at + 2] & 0xfe) == 0xa8)
		return 3;
	return 0;
}

void sori_add_masked_line(const struct sori_batch *batch, const struct sori_record *record, size_t from, size_t to,
			  struct sori_buffer *out)
{
	struct sori_view text = record->field[SORI_ROLE_TEXT];
	const struct sori_mask *mask = from < text.length ? mask_at(batch, record, from) : NULL;
	bool blank = false;

	if (mask)
		from = mask->start;
	for (size_t at = from; at < to && at < text.length;) {
		size_t length;

		mask = mask_at(batch, record, at);
		if (mask) {
			sori_buffer_add_text(out, sori_mask_placeholder((enum sori_mask_kind)mask->kind));
			at = mask->end;
			blank = false;
			continue;
		}
		length = blank_at(text, at);
		if (!length) {
			sori_buffer_add_byte(out, text.at[at++]);
			blank = false;
			continue;
		}
		if (!blank)
			sori_buffer_add_byte(out, ' ');
		blank = true;
		at += length;
	}
}

enum sori_status sori_cli_limit(const struct sori_cli *cli, const char *name, size_t standard, size_t *limit,
				struct sori_error *error)
{
	const char *text = sori_cli_value(cli, name);
	unsigned long long number = standard;

	if (text && (!sori_view_to_u64(sori_view_of(text), &number) || number > 1000000))
		return sori_fail(error, SORI_USAGE, "--%s takes a whole number up to 1000000, not '%s'", name, text);
	*limit = (size_t)number;
	return SORI_OK;
}
