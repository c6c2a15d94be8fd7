/* A sheet for people to label: texts drawn at random, and texts drawn per category among those that count for it. A draw is
 * "the smallest hashes of identity and seed": the same seed draws the same texts however the dumps are split or ordered, a
 * record that is in two dumps is one, and the texts drawn at random that count for a category are a beginning of the
 * category's own draw, so that both may be put together for its precision.
 *
 * Only the best of each list are kept while the dumps go by; the hashes of all documents are kept for the sampling fraction. */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/cli/analysis.h"
#include "pipeline/cli/dict_tools.h"
#include "pipeline/cli/filter.h"

#define TEXT_LIMIT 8000u /* bytes of a text on the sheet */
#define FIELD_COUNT 9
#define RANDOM "*random"

static const struct sori_cli_option options[] = {
	{"store", 0, "FILE", false, "take the dumps that this store has counted, or its kept verbatims when they are gone"},
	{"per-category", 0, "N", false, "texts of each category that count for it (10)"},
	{"random", 0, "N", false, "texts drawn at random (100)"},
	{"seed", 0, "S", false, "another draw (1)"},
	{"from", 0, "DAY", false, "first day"},
	{"to", 0, "DAY", false, "last day; both the same: one night"},
	{"out", 'o', "FILE", false, "the sheet; standard output without it"},
	{"force", 0, NULL, false, "overwrite a sheet that is there"},
	{"excel", 0, NULL, false, "with a byte order mark and CRLF"},
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"jobs", 'j', "N", false, "threads (the processors there are)"},
	{0},
};

static const enum sori_role shown_fields[FIELD_COUNT] = {SORI_ROLE_CHANNEL, SORI_ROLE_PRODUCT, SORI_ROLE_REGION, SORI_ROLE_DIM1,
						  SORI_ROLE_DIM2, SORI_ROLE_DIM3, SORI_ROLE_RATING, SORI_ROLE_ID, SORI_ROLE_TEXT};
#define SHOWN_DIMENSIONS 6 /* the first of them */

/* What a line of the filter begins with; then dimensions and text, each ended by NUL. */
struct head {
	struct sori_hash128 identity;
	sori_day day;
	int32_t rating, language;
	uint64_t categories[SORI_CATEGORY_LIMIT / 64];
	uint32_t bytes;
};

struct drawn {
	uint64_t rank;
	struct sori_hash128 identity;
	sori_day day;
	int rating, language;
	uint64_t categories[SORI_CATEGORY_LIMIT / 64];
	uint64_t strata[SORI_CATEGORY_LIMIT / 64]; /* filled in at the end */
	bool random;
	unsigned uses;
	char *bytes; /* dimensions and text, each ended by NUL */
};

struct list {
	struct drawn **at; /* smallest rank first */
	size_t count, limit;
};

struct sample {
	struct sori_cli *cli;
	struct sori_dictionary *dictionary;
	uint64_t seed;
	sori_day from, to;
	size_t per_category, random;
	struct list lists[SORI_CATEGORY_LIMIT + 1]; /* the last: at random */
	uint64_t *ranks;                            /* of all documents */
	size_t rank_count, rank_capacity;
	uint64_t documents; /* distinct */
	struct sori_buffer out;
};

/* ---- drawing */

static void drop(struct drawn *item)
{
	if (item && --item->uses == 0)
		sori_free(item);
}

static bool before(const struct drawn *a, const struct drawn *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	if (a->identity.high != b->identity.high)
		return a->identity.high < b->identity.high;
	return a->identity.low < b->identity.low;
}

static bool insert(struct list *list, struct drawn *item)
{
	size_t place = list->count;

	if (list->limit == 0 || (list->count == list->limit && !before(item, list->at[list->count - 1])))
		return true;
	if (!list->at && !(list->at = sori_alloc((list->limit + 1) * sizeof *list->at)))
		return false;
	while (place > 0 && before(item, list->at[place - 1]))
		place--;
	if (place > 0 && !before(list->at[place - 1], item))
		return true; /* the same record again */
	memmove(list->at + place + 1, list->at + place, (list->count - place) * sizeof *list->at);
	list->at[place] = item;
	item->uses++;
	if (++list->count > list->limit)
		drop(list->at[--list->count]);
	return true;
}

static bool is_wanted(const struct list *list, uint64_t rank)
{
	return list->limit && (list->count < list->limit || rank <= list->at[list->count - 1]->rank);
}

static bool has_category(const uint64_t *categories, size_t category)
{
	return categories[category / 64] >> (category % 64) & 1;
}

static uint64_t rank_of(const struct sample *sample, struct sori_hash128 identity)
{
	return sori_hash64(sori_view_make((const char *)&identity, sizeof identity), sample->seed);
}

static bool offer(struct sample *sample, const struct head *head, const char *bytes)
{
	struct drawn *item = NULL;
	uint64_t rank = rank_of(sample, head->identity);
	size_t last = sample->dictionary->catalog.count;
	bool wanted = is_wanted(&sample->lists[SORI_CATEGORY_LIMIT], rank), good = true;

	if (SORI_GROW(sample->ranks, sample->rank_capacity, sample->rank_count + 1) != 0)
		return false;
	sample->ranks[sample->rank_count++] = rank;
	for (size_t c = 0; c < last && !wanted; c++)
		wanted = has_category(head->categories, c) && is_wanted(&sample->lists[c], rank);
	if (!wanted)
		return true;
	item = sori_alloc_zero(1, sizeof *item + head->bytes);
	if (!item)
		return false;
	*item = (struct drawn){.rank = rank, .identity = head->identity, .day = head->day, .rating = head->rating,
			       .language = head->language, .uses = 1, .bytes = (char *)(item + 1)};
	memcpy(item->categories, head->categories, sizeof item->categories);
	memcpy(item->bytes, bytes, head->bytes);
	good = insert(&sample->lists[SORI_CATEGORY_LIMIT], item);
	for (size_t c = 0; c < last && good; c++)
		if (has_category(head->categories, c))
			good = insert(&sample->lists[c], item);
	drop(item);
	return good;
}

static void add_field(struct sori_view text, struct sori_buffer *out)
{
	for (size_t i = 0; i < text.length; i++)
		sori_buffer_add_byte(out, (unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f ? ' ' : text.at[i]);
	sori_buffer_add_byte(out, '\0');
}

static void sample_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	const struct sample *sample = user;
	struct head head = {.identity = record->identity, .day = record->day, .rating = record->rating, .language = record->language};
	size_t at = out->length, length = record->field[SORI_ROLE_TEXT].length, to = length < TEXT_LIMIT ? length : TEXT_LIMIT;

	if ((sample->from != SORI_DAY_NONE || sample->to != SORI_DAY_NONE) &&
	    (record->day == SORI_DAY_NONE || (sample->from != SORI_DAY_NONE && record->day < sample->from) ||
	     (sample->to != SORI_DAY_NONE && record->day > sample->to)))
		return;
	memcpy(head.categories, record->categories, sizeof head.categories);
	sori_buffer_add(out, &head, sizeof head);
	for (size_t i = 0; i < SHOWN_DIMENSIONS; i++)
		add_field(record->field[shown_fields[i]], out);
	while (to < length && ((unsigned char)record->field[SORI_ROLE_TEXT].at[to] & 0xc0) == 0x80)
		to++;
	sori_add_masked_line(batch, record, 0, to, out);
	sori_buffer_add_text(out, to < length ? "…" : "");
	sori_buffer_add_byte(out, '\0');
	if (out->failed)
		return;
	head.bytes = (uint32_t)(out->length - at - sizeof head);
	memcpy(out->at + at, &head, sizeof head);
}

static enum sori_status take_lines(void *user, struct sori_view lines, struct sori_error *error)
{
	struct sample *sample = user;

	while (lines.length) {
		struct head head;

		memcpy(&head, lines.at, sizeof head);
		if (!offer(sample, &head, lines.at + sizeof head))
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		lines = sori_view_slice(lines, sizeof head + head.bytes, lines.length);
	}
	return SORI_OK;
}

/* ---- from the store's own verbatims, when the dumps are gone */

static bool set_category(const struct sori_dictionary *dictionary, struct sori_view id, uint64_t *categories)
{
	for (size_t c = 0; c < dictionary->catalog.count; c++)
		if (sori_view_is(id, dictionary->catalog.categories[c].id)) {
			categories[c / 64] |= UINT64_C(1) << (c % 64);
			return true;
		}
	return false;
}

static struct sori_view column_text(sqlite3_stmt *statement, int column)
{
	const char *at = (const char *)sqlite3_column_text(statement, column);

	return sori_view_make(at ? at : "", at ? (size_t)sqlite3_column_bytes(statement, column) : 0);
}

static bool offer_row(struct sample *sample, sqlite3_stmt *row, struct sori_buffer *bytes)
{
	struct head head = {.day = (sori_day)sqlite3_column_int64(row, 1), .rating = sqlite3_column_int(row, 2)};
	struct sori_view identity = sori_view_make(sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0));
	struct sori_view ids = column_text(row, 3);

	head.identity = identity.length == sizeof head.identity ? head.identity : sori_hash128(identity, 0);
	if (identity.length == sizeof head.identity)
		memcpy(&head.identity, identity.at, sizeof head.identity);
	while (ids.length) {
		const char *comma = memchr(ids.at, ',', ids.length);
		size_t length = comma ? (size_t)(comma - ids.at) : ids.length;

		(void)set_category(sample->dictionary, sori_view_slice(ids, 0, length), head.categories);
		ids = sori_view_slice(ids, length + 1, ids.length);
	}
	sori_buffer_reset(bytes);
	for (int i = 0; i < SHOWN_DIMENSIONS; i++)
		add_field(column_text(row, 5 + i), bytes);
	add_field(column_text(row, 4), bytes);
	head.bytes = (uint32_t)bytes->length;
	return !bytes->failed && offer(sample, &head, bytes->at);
}

static enum sori_status take_verbatims(struct sample *sample, sqlite3 *database, struct sori_error *error)
{
	static const char sql[] =
		"SELECT s.identity, max(s.day), max(s.rating), (SELECT group_concat(DISTINCT json_extract(j.value, '$[2]'))"
		" FROM json_each(s.spans) j WHERE json_extract(j.value, '$[4]') = 1), s.text, c.channel, c.product, c.region, c.dim1,"
		" c.dim2, c.dim3 FROM sample s LEFT JOIN cell c ON c.cell = s.cell WHERE ?1 = -2147483648 AND ?2 = -2147483648 OR"
		" s.day >= ?1 AND (s.day <= ?2 OR ?2 = -2147483648) AND s.day > -2147483648 GROUP BY s.identity ORDER BY s.identity";
	sqlite3_stmt *statement;
	struct sori_buffer bytes;
	enum sori_status status = SORI_OK;

	if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
		return sori_fail(error, SORI_DATA, "the store cannot be read: %s", sqlite3_errmsg(database));
	(void)sqlite3_bind_int64(statement, 1, sample->from);
	(void)sqlite3_bind_int64(statement, 2, sample->to);
	sori_buffer_init(&bytes, (size_t)1 << 24);
	while (status == SORI_OK && sqlite3_step(statement) == SQLITE_ROW)
		if (!offer_row(sample, statement, &bytes))
			status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (sqlite3_finalize(statement) != SQLITE_OK && status == SORI_OK)
		status = sori_fail(error, SORI_DATA, "the store cannot be read: %s", sqlite3_errmsg(database));
	sori_buffer_release(&bytes);
	return status;
}

/* ---- which dumps */

struct paths { /* by source: it is part of a record's identity */
	char **at, **sources;
	size_t count, capacity, source_capacity;
	const char *missing; /* the first that is gone */
};

static enum sori_status read_paths(sqlite3 *database, struct paths *paths, struct sori_error *error)
{
	sqlite3_stmt *statement;
	struct stat info;

	if (sqlite3_prepare_v2(database,
			       "SELECT DISTINCT path, source FROM input WHERE superseded IS NULL AND status <> 'refused' ORDER BY source, path", -1,
			       &statement, NULL) != SQLITE_OK)
		return sori_fail(error, SORI_DATA, "the store cannot be read: %s", sqlite3_errmsg(database));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		struct sori_view text = column_text(statement, 0);
		char *path = sori_strdup_n(text.at, text.length), *source;

		text = column_text(statement, 1);
		source = sori_strdup_n(text.at, text.length);
		if (!path || !source || SORI_GROW(paths->at, paths->capacity, paths->count + 1) != 0 ||
		    SORI_GROW(paths->sources, paths->source_capacity, paths->count + 1) != 0) {
			sori_free(path);
			sori_free(source);
			(void)sqlite3_finalize(statement);
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		}
		paths->sources[paths->count] = source;
		paths->at[paths->count++] = path;
		if (stat(path, &info) != 0 && !paths->missing)
			paths->missing = path;
	}
	(void)sqlite3_finalize(statement);
	return SORI_OK;
}

static enum sori_status read_dumps(struct sample *sample, const char *const *paths, size_t count, const char *source,
				   struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", "identify", "extract", NULL};
	struct sori_cli inner = *sample->cli;
	struct sori_filter filter = {.cli = &inner, .stages = stages, .dictionary = sample->dictionary, .line = sample_line,
				     .sink = take_lines, .user = sample};
	enum sori_status status = sori_cli_wish(sample->cli, &filter.wish, error);

	inner.operands = (const char **)(uintptr_t)paths;
	inner.operand_count = count;
	if (source)
		filter.wish.source = source;
	if (status == SORI_OK)
		status = sori_filter_run(&filter, error);
	sample->cli->exit_code = inner.exit_code;
	return status;
}

static enum sori_status read_ledger(struct sample *sample, const struct paths *paths, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0, next; i < paths->count && status == SORI_OK; i = next) {
		for (next = i + 1; next < paths->count && strcmp(paths->sources[next], paths->sources[i]) == 0; next++)
			continue;
		status = read_dumps(sample, (const char *const *)paths->at + i, next - i, paths->sources[i], error);
	}
	return status;
}

static enum sori_status read_store(struct sample *sample, const char *path, struct sori_error *error)
{
	struct sori_store *store = NULL;
	struct paths paths = {0};
	struct sori_error ignored;
	enum sori_status status = sori_store_open(&store, path, false, error);

	if (status == SORI_OK)
		status = read_paths(sori_store_connection(store), &paths, error);
	if (status == SORI_OK && paths.count && !paths.missing) {
		status = read_ledger(sample, &paths, error);
	} else if (status == SORI_OK && sample->random) {
		status = sori_fail(error, SORI_NO_INPUT, "%s, which the store has counted, is gone: give the dumps, or --random=0 for the verbatims that the store keeps (a store has no text without a category, so nothing random can be drawn from it)",
				   paths.missing ? paths.missing : "no dump");
	} else if (status == SORI_OK) {
		sori_cli_note(sample->cli, "the dumps are gone; drawn from the %s", "verbatims that the store keeps, a few per month and category");
		status = take_verbatims(sample, sori_store_connection(store), error);
	}
	for (size_t i = 0; i < paths.count; i++) {
		sori_free(paths.at[i]);
		sori_free(paths.sources[i]);
	}
	sori_free(paths.at);
	sori_free(paths.sources);
	(void)sori_store_close(store, &ignored);
	return status;
}

/* ---- the sheet */

static int compare_ranks(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static void count_documents(struct sample *sample)
{
	if (sample->rank_count)
		qsort(sample->ranks, sample->rank_count, sizeof *sample->ranks, compare_ranks);
	for (size_t i = 0; i < sample->rank_count; i++)
		sample->documents += i == 0 || sample->ranks[i] != sample->ranks[i - 1];
}

static int compare_drawn(const void *left, const void *right)
{
	const struct drawn *a = *(struct drawn *const *)left, *b = *(struct drawn *const *)right;

	return before(a, b) ? -1 : before(b, a);
}

/* Each text once, with all that it was drawn for. */
static struct drawn **gather(struct sample *sample, size_t *count)
{
	size_t total = 0, kept = 0;
	struct drawn **all;

	for (size_t c = 0; c <= SORI_CATEGORY_LIMIT; c++)
		total += sample->lists[c].count;
	all = sori_alloc((total + 1) * sizeof *all);
	if (!all)
		return NULL;
	total = 0;
	for (size_t c = 0; c <= SORI_CATEGORY_LIMIT; c++)
		for (size_t i = 0; i < sample->lists[c].count; i++) {
			struct drawn *item = sample->lists[c].at[i];

			all[total++] = item;
			if (c == SORI_CATEGORY_LIMIT)
				item->random = true;
			else
				item->strata[c / 64] |= UINT64_C(1) << (c % 64);
		}
	if (total)
		qsort(all, total, sizeof *all, compare_drawn);
	for (size_t i = 0; i < total; i++) { /* a record offered twice in different moments is two objects */
		struct drawn *last = kept ? all[kept - 1] : NULL;

		if (!last || before(last, all[i])) {
			all[kept++] = all[i];
			continue;
		}
		last->random |= all[i]->random;
		for (size_t w = 0; w < SORI_CATEGORY_LIMIT / 64; w++)
			last->strata[w] |= all[i]->strata[w];
	}
	*count = kept;
	return all;
}

static void add_cell(struct sample *sample, struct sori_view text, bool last)
{
	sori_buffer_add_csv(&sample->out, text, true);
	sori_buffer_add_text(&sample->out, !last ? "," : sori_cli_flag(sample->cli, "excel") ? "\r\n" : "\n");
}

/* Ids of categories with blanks between. */
static void add_ids(const struct sample *sample, const uint64_t *categories, struct sori_buffer *out)
{
	for (size_t c = 0; c < sample->dictionary->catalog.count; c++)
		if (has_category(categories, c)) {
			if (out->length)
				sori_buffer_add_byte(out, ' ');
			sori_buffer_add_text(out, sample->dictionary->catalog.categories[c].id);
		}
}

static void add_row(struct sample *sample, const struct drawn *item, struct sori_buffer *scratch)
{
	char identity[33], dictionary[33], day[11];
	const char *at = item->bytes;

	sori_hash128_text(item->identity, identity);
	sori_hash128_text(sample->dictionary->catalog.hash, dictionary);
	sori_day_text(item->day, day);
	add_cell(sample, sori_view_of(identity), false);
	sori_buffer_reset(scratch);
	if (item->random)
		sori_buffer_add_text(scratch, RANDOM);
	add_ids(sample, item->strata, scratch);
	add_cell(sample, sori_buffer_view(scratch), false);
	sori_buffer_reset(scratch);
	if (item->random)
		sori_buffer_add_format(scratch, "%zu of %llu", sample->lists[SORI_CATEGORY_LIMIT].count, (unsigned long long)sample->documents);
	add_cell(sample, sori_buffer_view(scratch), false);
	add_cell(sample, sori_view_of(dictionary), false);
	add_cell(sample, sori_view_of(day), false);
	for (size_t i = 0; i < SHOWN_DIMENSIONS; i++, at += strlen(at) + 1)
		add_cell(sample, sori_view_of(at), false);
	sori_buffer_reset(scratch);
	if (item->rating >= 0)
		sori_buffer_add_i64(scratch, item->rating);
	add_cell(sample, sori_buffer_view(scratch), false);
	add_cell(sample, sori_view_of(at), false);
	sori_buffer_reset(scratch);
	add_ids(sample, item->categories, scratch);
	add_cell(sample, sori_buffer_view(scratch), false);
	add_cell(sample, sori_view_of(""), false);
	add_cell(sample, sori_view_of(""), true);
	sample->out.failed |= scratch->failed;
}

static enum sori_status write_file(struct sample *sample, const char *path, struct sori_error *error)
{
	char fresh[4200];
	struct stat info;
	FILE *file;
	bool good;

	if (!sori_cli_flag(sample->cli, "force") && stat(path, &info) == 0)
		return sori_fail(error, SORI_CANNOT_CREATE, "%s is there and may hold labels; give another --out or --force", path);
	if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
		return sori_fail(error, SORI_USAGE, "the path of the sheet is too long");
	file = fopen(fresh, "wb");
	if (!file)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot create %s", fresh);
	good = fwrite(sample->out.at, 1, sample->out.length, file) == sample->out.length && fflush(file) == 0 && fsync(fileno(file)) == 0;
	good = fclose(file) == 0 && good;
	if (!good || rename(fresh, path) != 0) {
		int saved = errno;

		(void)unlink(fresh);
		return sori_fail_errno(error, SORI_IO, saved, "cannot write %s", path);
	}
	return SORI_OK;
}

static enum sori_status write_sheet(struct sample *sample, struct sori_error *error)
{
	static const char head[] = "id,drawn,fraction,dictionary,day,channel,product,region,dim1,dim2,dim3,rating,text,predicted,labels,unsure";
	const char *path = sori_cli_value(sample->cli, "out");
	bool excel = sori_cli_flag(sample->cli, "excel");
	struct sori_buffer scratch;
	size_t count = 0;
	struct drawn **all;
	enum sori_status status;

	count_documents(sample);
	all = gather(sample, &count);
	if (!all)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_buffer_init(&scratch, (size_t)1 << 20);
	sori_buffer_add_format(&sample->out, "%s%s%s", excel ? "\xef\xbb\xbf" : "", head, excel ? "\r\n" : "\n");
	for (size_t i = 0; i < count; i++)
		add_row(sample, all[i], &scratch);
	sori_buffer_release(&scratch);
	sori_free(all);
	if (sample->out.failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	if (count == 0)
		return sori_fail(error, SORI_NO_INPUT, "no document in the days given");
	status = path ? write_file(sample, path, error) : sori_cli_print(sori_buffer_view(&sample->out), error);
	if (status == SORI_OK)
		sori_cli_note(sample->cli, "%zu texts: %zu at random of %llu documents, and up to %zu of each category", count,
			      sample->lists[SORI_CATEGORY_LIMIT].count, (unsigned long long)sample->documents, sample->per_category);
	return status;
}

/* ---- the command */

static enum sori_status read_options(struct sample *sample, struct sori_error *error)
{
	unsigned long long seed = 1;
	const char *text = sori_cli_value(sample->cli, "seed");
	enum sori_status status = sori_cli_limit(sample->cli, "per-category", 10, &sample->per_category, error);

	if (status == SORI_OK)
		status = sori_cli_limit(sample->cli, "random", 100, &sample->random, error);
	if (status == SORI_OK)
		status = sori_analysis_day(sample->cli, "from", &sample->from, error);
	if (status == SORI_OK)
		status = sori_analysis_day(sample->cli, "to", &sample->to, error);
	if (status == SORI_OK && text && !sori_view_to_u64(sori_view_of(text), &seed))
		status = sori_fail(error, SORI_USAGE, "--seed takes a whole number, not '%s'", text);
	if (status == SORI_OK && sample->cli->operand_count == 0 && !sori_cli_value(sample->cli, "store"))
		status = sori_fail(error, SORI_USAGE, "dumps or a --store are needed; see sori sample --help");
	sample->seed = seed;
	return status;
}

static enum sori_status sample_run(struct sori_cli *cli, struct sori_error *error)
{
	struct sample sample = {.cli = cli, .from = SORI_DAY_NONE, .to = SORI_DAY_NONE};
	enum sori_status status = read_options(&sample, error);

	sori_buffer_init(&sample.out, (size_t)1 << 30);
	if (status == SORI_OK)
		status = sori_cli_dictionary(cli, &sample.dictionary, error);
	for (size_t c = 0; c < SORI_CATEGORY_LIMIT; c++)
		sample.lists[c].limit = sample.per_category;
	sample.lists[SORI_CATEGORY_LIMIT].limit = sample.random;
	if (status == SORI_OK && cli->operand_count)
		status = read_dumps(&sample, cli->operands, cli->operand_count, NULL, error);
	else if (status == SORI_OK)
		status = read_store(&sample, sori_cli_value(cli, "store"), error);
	if (status == SORI_OK)
		status = write_sheet(&sample, error);
	for (size_t c = 0; c <= SORI_CATEGORY_LIMIT; c++) {
		for (size_t i = 0; i < sample.lists[c].count; i++)
			drop(sample.lists[c].at[i]);
		sori_free(sample.lists[c].at);
	}
	sori_free(sample.ranks);
	sori_buffer_release(&sample.out);
	sori_dictionary_free(sample.dictionary);
	return status;
}

const struct sori_command sori_command_sample = {
	.name = "sample",
	.summary = "draws texts for people to label: at random, and some of each category",
	.operands = "[DUMP…]",
	.examples = "  sori sample --store=sori-out/store.db --from=2026-07-03 --to=2026-07-03 --out=sheet.csv\n"
		    "  sori sample --random=200 --per-category=20 export.csv --out=sheet.csv\n",
	.details = "The sheet has a row a text: id, why it was drawn (*random, or the categories whose turn it was), the sampling\n"
		   "fraction of the random part, the dictionary's hash, day, dimensions, the masked text, what the dictionary\n"
		   "counted, and two empty columns. In `labels` a reader writes the ids of the categories that the text really\n"
		   "reports, blanks between, or - for none; left empty the text is not judged. In `unsure` go categories that\n"
		   "nobody could decide. sori label reads the sheet back. The same seed draws the same texts.\n\n"
		   "Only the random part shows what the dictionary misses, and only it carries a corrected share; the texts per\n"
		   "category tell how often its hits are right, also for rare ones.\n",
	.options = options,
	.reads_input = true,
	.run = sample_run,
};
