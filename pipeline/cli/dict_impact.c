/* dict diff --impact: the dumps are read twice. The first pass, with the old dictionary, keeps one bit string a record; the
 * second hands bits and a masked line to the sink, which gets the batches in input order and so meets each record's old
 * bits again. Nothing but the bits and a few examples is kept, however large the dumps are. */
#include "pipeline/cli/dict_tools.h"

#include <string.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/memory.h"
#include "pipeline/cli/filter.h"

#define EXAMPLES 5u
#define EXAMPLE_BYTES 240u
#define WORDS (SORI_CATEGORY_LIMIT / 64)
#define BITS_BYTES (WORDS * sizeof(uint64_t))

struct change {
	struct sori_view id; /* the category's, in the catalog of either side */
	uint64_t before, after, gained, lost;
	struct sori_view gained_texts[EXAMPLES], lost_texts[EXAMPLES];
};

struct impact {
	struct change *changes; /* categories of both sides, in byte order of their ids */
	size_t count;
	uint16_t before_map[SORI_CATEGORY_LIMIT], after_map[SORI_CATEGORY_LIMIT]; /* catalog index -> change */
	size_t before_count, after_count;
	struct sori_buffer bits; /* of the first pass */
	size_t at;               /* in it, in the second */
	uint64_t texts, changed;
	struct sori_arena arena;
};

/* Both catalogs are in byte order: merged like lists. */
static bool merge_catalogs(struct impact *impact, const struct sori_catalog *before, const struct sori_catalog *after)
{
	size_t i = 0, k = 0;

	impact->changes = sori_alloc_zero(before->count + after->count + 1, sizeof *impact->changes);
	if (!impact->changes)
		return false;
	impact->before_count = before->count;
	impact->after_count = after->count;
	while (i < before->count || k < after->count) {
		int order = i == before->count	? 1
			    : k == after->count ? -1
						: strcmp(before->categories[i].id, after->categories[k].id);

		impact->changes[impact->count].id = sori_view_of(order <= 0 ? before->categories[i].id : after->categories[k].id);
		if (order <= 0)
			impact->before_map[i++] = (uint16_t)impact->count;
		if (order >= 0)
			impact->after_map[k++] = (uint16_t)impact->count;
		impact->count++;
	}
	return true;
}

static void bits_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	(void)user;
	(void)batch;
	sori_buffer_add(out, record->categories, BITS_BYTES);
}

static enum sori_status keep_bits(void *user, struct sori_view lines, struct sori_error *error)
{
	struct impact *impact = user;

	sori_buffer_add_view(&impact->bits, lines);
	return impact->bits.failed ? sori_fail(error, SORI_SYSTEM, "more texts than memory holds; give fewer dumps") : SORI_OK;
}

/* Bits, then the masked text as a line. */
static void text_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	size_t length = record->field[SORI_ROLE_TEXT].length, to = length < EXAMPLE_BYTES ? length : EXAMPLE_BYTES;

	bits_line(user, batch, record, out);
	while (to < length && ((unsigned char)record->field[SORI_ROLE_TEXT].at[to] & 0xc0) == 0x80)
		to++;
	sori_add_masked_line(batch, record, 0, to, out);
	sori_buffer_add_text(out, to < length ? "…\n" : "\n");
}

static void keep_example(struct impact *impact, struct sori_view *texts, uint64_t seen, struct sori_view text)
{
	if (seen < EXAMPLES)
		texts[seen] = sori_arena_copy(&impact->arena, text);
}

static void map_bits(uint64_t *bits, const uint64_t *own, const uint16_t *map, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (own[i / 64] >> (i % 64) & 1)
			bits[map[i] / 64] |= UINT64_C(1) << (map[i] % 64);
}

static void compare_record(struct impact *impact, const char *before_bytes, const char *after_bytes, struct sori_view text)
{
	uint64_t own[WORDS], before[2 * WORDS] = {0}, after[2 * WORDS] = {0};
	bool any = false;

	memcpy(own, before_bytes, sizeof own);
	map_bits(before, own, impact->before_map, impact->before_count);
	memcpy(own, after_bytes, sizeof own);
	map_bits(after, own, impact->after_map, impact->after_count);
	for (size_t i = 0; i < impact->count; i++) {
		struct change *change = &impact->changes[i];
		bool was = before[i / 64] >> (i % 64) & 1, is = after[i / 64] >> (i % 64) & 1;

		change->before += was;
		change->after += is;
		any |= was != is;
		if (is && !was)
			keep_example(impact, change->gained_texts, change->gained++, text);
		if (was && !is)
			keep_example(impact, change->lost_texts, change->lost++, text);
	}
	impact->texts++;
	impact->changed += any;
}

static enum sori_status compare_lines(void *user, struct sori_view lines, struct sori_error *error)
{
	struct impact *impact = user;

	while (lines.length) {
		struct sori_view text = sori_view_slice(lines, BITS_BYTES, lines.length);
		const char *end = text.length ? memchr(text.at, '\n', text.length) : NULL;

		if (!end || impact->at + BITS_BYTES > impact->bits.length)
			return sori_fail(error, SORI_DATA, "a dump changed while it was read");
		text = sori_view_slice(text, 0, (size_t)(end - text.at));
		compare_record(impact, impact->bits.at + impact->at, lines.at, text);
		impact->at += BITS_BYTES;
		lines = sori_view_slice(lines, BITS_BYTES + text.length + 1, lines.length);
	}
	return SORI_OK;
}

static void add_examples(struct sori_buffer *out, const char *mark, const struct sori_view *texts, uint64_t count)
{
	for (uint64_t i = 0; i < count && i < EXAMPLES; i++) {
		sori_buffer_add_text(out, mark);
		sori_buffer_add_view(out, texts[i]);
		sori_buffer_add_byte(out, '\n');
	}
}

static void add_report(const struct impact *impact, struct sori_buffer *out)
{
	sori_buffer_add_format(out, "\nimpact: %llu of %llu texts change\n", (unsigned long long)impact->changed,
			       (unsigned long long)impact->texts);
	if (impact->changed)
		sori_buffer_add_format(out, "%-24s %8s %8s %8s %8s\n", "category", "before", "after", "gained", "lost");
	for (size_t i = 0; i < impact->count; i++) {
		const struct change *change = &impact->changes[i];

		if (!change->gained && !change->lost)
			continue;
		sori_buffer_add_format(out, "%-24.*s %8llu %8llu %8llu %8llu\n", (int)change->id.length, change->id.at,
				       (unsigned long long)change->before, (unsigned long long)change->after,
				       (unsigned long long)change->gained, (unsigned long long)change->lost);
		add_examples(out, "    + ", change->gained_texts, change->gained);
		add_examples(out, "    - ", change->lost_texts, change->lost);
	}
}

static enum sori_status run_passes(struct impact *impact, struct sori_cli *inner, const struct sori_dictionary *before,
				   const struct sori_dictionary *after, struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", "identify", "extract", NULL};
	struct sori_filter filter = {.cli = inner, .stages = stages, .dictionary = before, .line = bits_line,
				     .sink = keep_bits, .user = impact};
	enum sori_status status;

	filter.wish.column[SORI_ROLE_TEXT] = sori_cli_value(inner, "text");
	status = sori_filter_run(&filter, error);
	if (status != SORI_OK)
		return status;
	filter.dictionary = after;
	filter.line = text_line;
	filter.sink = compare_lines;
	filter.repeated = true;
	status = sori_filter_run(&filter, error);
	if (status == SORI_OK && impact->at != impact->bits.length)
		status = sori_fail(error, SORI_DATA, "a dump changed while it was read");
	return status;
}

enum sori_status sori_dict_impact(const struct sori_cli *cli, const struct sori_dictionary *before,
				  const struct sori_dictionary *after, const char **dumps, size_t dump_count,
				  struct sori_buffer *out, struct sori_error *error)
{
	struct sori_cli inner = *cli;
	struct impact impact = {0};
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < dump_count; i++)
		if (strcmp(dumps[i], "-") == 0)
			return sori_fail(error, SORI_USAGE, "--impact reads its dumps twice and takes no standard input");
	inner.operands = dumps;
	inner.operand_count = dump_count;
	sori_buffer_init(&impact.bits, (size_t)1 << 30);
	sori_arena_init(&impact.arena, (size_t)64 * 1024);
	if (!merge_catalogs(&impact, &before->catalog, &after->catalog))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = run_passes(&impact, &inner, before, after, error);
	if (status == SORI_OK)
		add_report(&impact, out);
	sori_free(impact.changes);
	sori_buffer_release(&impact.bits);
	sori_arena_release(&impact.arena);
	return status;
}
