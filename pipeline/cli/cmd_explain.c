/* What one text counts as, and why: the words marked, then every hit with its entry, tags and verdict. */
#include <stdio.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/cli.h"
#include "pipeline/core/batch.h"
#include "stages/extract/dictionary.h"

#define LINE_BYTES ((size_t)120) /* of a dictionary line that is shown */

static const struct sori_cli_option options[] = {
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{0},
};

/* How many hits cover the byte. */
static bool is_marked(const struct sori_batch *batch, const struct sori_record *record, size_t at)
{
	for (uint32_t i = 0; i < record->hit_count; i++) {
		const struct sori_hit *hit = &batch->hits[record->hit_first + i];

		if (at >= hit->start && at < hit->end)
			return true;
	}
	return false;
}

static bool is_masked(const struct sori_batch *batch, const struct sori_record *record, size_t at, struct sori_mask *mask)
{
	for (uint32_t i = 0; i < record->mask_count; i++) {
		*mask = batch->masks.masks[record->mask_first + i];
		if (at >= mask->start && at < mask->end)
			return true;
	}
	return false;
}

static void add_safe(struct sori_buffer *out, char byte)
{
	if ((unsigned char)byte < 0x20 || byte == 0x7f)
		sori_buffer_add_format(out, "\\x%02x", (unsigned)(unsigned char)byte);
	else
		sori_buffer_add_byte(out, byte);
}

/* The text with hits in brackets (reverse video on a terminal) and personal data masked. */
static void add_marked(const struct sori_batch *batch, const struct sori_record *record, bool color, struct sori_buffer *out)
{
	struct sori_view text = record->field[SORI_ROLE_TEXT];
	bool open = false;
	struct sori_mask mask;

	for (size_t i = 0; i < text.length; i++) {
		bool marked = is_marked(batch, record, i);

		if (marked != open)
			sori_buffer_add_text(out, marked ? (color ? "\033[7m" : "[") : (color ? "\033[0m" : "]"));
		open = marked;
		if (is_masked(batch, record, i, &mask)) {
			sori_buffer_add_text(out, sori_mask_placeholder((enum sori_mask_kind)mask.kind));
			i = mask.end - 1;
		} else {
			add_safe(out, text.at[i]);
		}
	}
	if (open)
		sori_buffer_add_text(out, color ? "\033[0m" : "]");
	sori_buffer_add_byte(out, '\n');
}

static void add_tags(unsigned tags, struct sori_buffer *out)
{
	const char *lead = "  ";

	for (size_t i = 0; i < SORI_TAGS; i++)
		if (tags & (1u << i)) {
			sori_buffer_add_text(out, lead);
			sori_buffer_add_text(out, sori_tag_names[i]);
			lead = ", ";
		}
}

/* The line of the dictionary; its place is told, so a long one need not be whole. */
static void add_shortened(struct sori_view line, struct sori_buffer *out)
{
	size_t length = line.length;

	if (length > LINE_BYTES)
		for (length = LINE_BYTES; ((unsigned char)line.at[length] & 0xc0) == 0x80;)
			length--;
	sori_buffer_add(out, line.at, length);
	sori_buffer_add_text(out, length < line.length ? " …\n" : "\n");
}

static void add_hit(const struct sori_dictionary *dictionary, const struct sori_record *record, const struct sori_hit *hit,
		    struct sori_buffer *out)
{
	const struct sori_category *category = &dictionary->catalog.categories[hit->category];
	const struct sori_entry *entry = &dictionary->entries[hit->entry];

	sori_buffer_add_format(out, "  %-7s %s (%s, %s): \"", hit->counted ? "counts" : "no", category->id, category->ko,
			       category->en);
	for (uint32_t i = hit->start; i < hit->end; i++)
		add_safe(out, record->field[SORI_ROLE_TEXT].at[i]);
	sori_buffer_add_text(out, "\"");
	add_tags(hit->tags, out);
	sori_buffer_add_format(out, "\n          %.*s  ", (int)entry->id.length, entry->id.at);
	add_shortened(entry->source, out);
}

static void add_verdict(const struct sori_dictionary *dictionary, const struct sori_batch *batch,
			const struct sori_record *record, struct sori_buffer *out)
{
	bool any = false;

	for (size_t i = 0; i < dictionary->catalog.count; i++)
		if (record->categories[i / 64] >> (i % 64) & 1) {
			sori_buffer_add_text(out, any ? ", " : "= ");
			sori_buffer_add_text(out, dictionary->catalog.categories[i].id);
			any = true;
		}
	sori_buffer_add_text(out, any ? "\n" : "= no category\n");
	for (uint32_t i = 0; i < record->hit_count; i++)
		add_hit(dictionary, record, &batch->hits[record->hit_first + i], out);
}

static enum sori_status explain_one(const struct sori_cli *cli, const struct sori_dictionary *dictionary,
				    struct sori_matcher *matcher, struct sori_view text, struct sori_error *error)
{
	struct sori_batch *batch;
	struct sori_buffer out;
	enum sori_status status;

	if (!sori_utf8_is_valid(text))
		return sori_fail(error, SORI_DATA, "the text is not UTF-8 (byte %zu)", sori_utf8_valid_prefix(text));
	batch = sori_batch_new();
	if (!batch)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_buffer_init(&out, (size_t)1 << 30);
	status = sori_extract_text(matcher, text, batch, error);
	if (status == SORI_OK) {
		add_marked(batch, &batch->records[0], cli->color, &out);
		add_verdict(dictionary, batch, &batch->records[0], &out);
		status = out.failed ? sori_fail(error, SORI_SYSTEM, "out of memory")
				    : sori_cli_print(sori_buffer_view(&out), error);
	}
	sori_buffer_release(&out);
	sori_batch_free(batch);
	return status;
}

static enum sori_status explain_run(struct sori_cli *cli, struct sori_error *error)
{
	struct sori_dictionary *dictionary = NULL;
	struct sori_matcher *matcher = NULL;
	enum sori_status status;

	if (cli->operand_count == 0)
		return sori_fail(error, SORI_USAGE, "no text given; see sori explain --help");
	status = sori_cli_dictionary(cli, &dictionary, error);
	if (status == SORI_OK)
		status = sori_matcher_new(&matcher, dictionary, error);
	for (size_t i = 0; status == SORI_OK && i < cli->operand_count; i++)
		status = explain_one(cli, dictionary, matcher, sori_view_of(cli->operands[i]), error);
	sori_matcher_free(matcher);
	sori_dictionary_free(dictionary);
	return status;
}

const struct sori_command sori_command_explain = {
	.name = "explain",
	.summary = "what a text counts as, and why, with the words marked",
	.operands = "TEXT…",
	.examples = "  sori explain \"배송은 느렸지만 기사님은 친절하셨어요\"\n  sori explain \"it keeps disconnecting, please fix\"\n",
	.options = options,
	.run = explain_run,
};
