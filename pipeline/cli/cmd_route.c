/* Tonight's complaints to the units that own them. Who is in force tonight is asked from the facts; their texts are read again from the
 * dumps that brought them, and masked. A record counts when its identity and content are those of a fact of the night. */
#include <ctype.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/analysis.h"
#include "pipeline/cli/filter.h"
#include "pipeline/cli/restate.h"
#include "pipeline/cli/side_files.h"
#include "pipeline/core/output.h"
#include "pipeline/core/route.h"

#define LEDGER "status.tsv"
#define FOLDER "route"
#define SHOWN_OF_A_GROUP 3 /* texts in the readable file; the CSV has all */

static const struct sori_cli_option options[] = {
	SORI_ANALYSIS_OPTION_STORE,
	{"out", 'o', "DIR", false, "folder of the outputs (sori-out): DIR/route, DIR/status.tsv"},
	{"dict", 0, "DIR", true, "dictionaries; later ones add or override"},
	{"as-of", 0, "DAY", false, "\"tonight\", YYYY-MM-DD (the last dated day of the store)"},
	{"jobs", 'j', "N", false, "threads (the processors there are)"},
	SORI_SIDE_OPTION_LANG,
	{0},
};

struct source {
	const char *name;
	const char **paths;
	size_t count, capacity;
};

struct job {
	struct sori_cli *cli;
	const char *out;
	sori_day day;
	bool english;
	struct sori_dictionary *dictionary;
	struct sori_arena arena;
	struct sori_route_document *list; /* by identity */
	size_t count;
	struct source *sources;
	size_t source_count, source_capacity;
	char first_gone[512]; /* as it was given to sori run: perhaps from another folder */
	size_t gone, total, matched, met; /* dumps; documents of the night; with a category; of these read again */
	struct sori_route *route;
};

#define SAY(job, en, ko) ((job)->english ? (en) : (ko))

static int by_input(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static struct sori_route_document *find(const struct job *job, uint64_t high, uint32_t low, uint64_t content)
{
	const struct sori_route_document key = {.high = high, .low = low, .content = content};

	return job->count ? bsearch(&key, job->list, job->count, sizeof *job->list, sori_route_document_compare) : NULL;
}

/* ---- the dumps that brought them */

static enum sori_status add_path(struct job *job, const char *path, const char *name, struct sori_error *error)
{
	struct sori_view copy = sori_arena_copy(&job->arena, sori_view_of(path)), label = sori_arena_copy(&job->arena, sori_view_of(name));
	struct source *source = NULL;

	if (!copy.at || (!label.at && label.length))
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t i = 0; i < job->source_count && !source; i++)
		if (!strcmp(job->sources[i].name, name))
			source = &job->sources[i];
	if (!source) {
		if (SORI_GROW(job->sources, job->source_capacity, job->source_count + 1) != 0)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		source = &job->sources[job->source_count++];
		*source = (struct source){.name = label.at ? label.at : ""};
	}
	if (SORI_GROW(source->paths, source->capacity, source->count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	source->paths[source->count++] = copy.at;
	return SORI_OK;
}

static enum sori_status find_dumps(struct job *job, sqlite3 *database, struct sori_error *error)
{
	uint32_t *inputs = sori_alloc((job->count + 1) * sizeof *inputs);
	sqlite3_stmt *row = NULL;
	enum sori_status status = inputs ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");

	for (size_t i = 0; i < job->count && status == SORI_OK; i++)
		inputs[i] = job->list[i].input;
	if (job->count && status == SORI_OK)
		qsort(inputs, job->count, sizeof *inputs, by_input);
	if (status == SORI_OK && sqlite3_prepare_v2(database, "SELECT path, source, hash FROM input WHERE input = ?", -1, &row, NULL) != SQLITE_OK)
		status = sori_fail(error, SORI_DATA, "cannot read the ledger: %s", sqlite3_errmsg(database));
	for (size_t i = 0; i < job->count && status == SORI_OK; i++) {
		if (i && inputs[i] == inputs[i - 1])
			continue;
		(void)sqlite3_bind_int64(row, 1, inputs[i]);
		if (sqlite3_step(row) == SQLITE_ROW) {
			const char *path = (const char *)sqlite3_column_text(row, 0), *hash = (const char *)sqlite3_column_text(row, 2);
			const char *source = (const char *)sqlite3_column_text(row, 1);

			if (path && hash && sori_restate_unchanged(path, hash))
				status = add_path(job, path, source ? source : "", error);
			else if (job->gone++ == 0)
				(void)snprintf(job->first_gone, sizeof job->first_gone, "%s", path ? path : "");
		}
		(void)sqlite3_reset(row);
	}
	(void)sqlite3_finalize(row);
	sori_free(inputs);
	return status;
}

/* ---- their texts: made in parallel as one packed line a record, taken in order */

struct packed {
	uint64_t high, content, categories[SORI_CATEGORY_LIMIT / 64];
	uint32_t low, rating;
	struct sori_sketch sketch;
	uint32_t lengths[5]; /* text, place, channel, product, region */
};

static void add_packed(struct sori_buffer *out, struct packed *head, const struct sori_view fields[5])
{
	for (int i = 0; i < 5; i++)
		head->lengths[i] = (uint32_t)fields[i].length;
	sori_buffer_add(out, head, sizeof *head);
	for (int i = 0; i < 5; i++)
		sori_buffer_add_view(out, fields[i]);
}

static void pack_record(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	const struct job *job = user;
	const uint64_t kept = ((uint64_t)1 << SORI_ROUTE_HASH_BITS) - 1;
	struct packed head;
	struct sori_buffer text;
	char place[1200];
	uint64_t any = 0;

	for (size_t i = 0; i < SORI_CATEGORY_LIMIT / 64; i++)
		any |= record->categories[i];
	if (record->day != job->day || !any ||
	    !find(job, record->identity.high, (uint32_t)record->identity.low, record->content & kept))
		return;
	memset(&head, 0, sizeof head);
	head.high = record->identity.high;
	head.low = (uint32_t)record->identity.low;
	head.content = record->content & kept;
	head.rating = (uint32_t)(record->rating + 1);
	memcpy(head.categories, record->categories, sizeof head.categories);
	sori_sketch_of(sori_record_text(batch, record), &head.sketch);
	(void)snprintf(place, sizeof place, "%.1100s#%llu", batch->input->path, (unsigned long long)record->number);
	sori_buffer_init(&text, out->maximum);
	sori_mask_text(record->field[SORI_ROLE_TEXT], batch->masks.masks + record->mask_first, record->mask_count, &text);
	const struct sori_view fields[5] = {sori_buffer_view(&text), sori_view_of(place), sori_view_trim(record->field[SORI_ROLE_CHANNEL]),
					    sori_view_trim(record->field[SORI_ROLE_PRODUCT]), sori_view_trim(record->field[SORI_ROLE_REGION])};
	add_packed(out, &head, fields);
	out->failed |= text.failed;
	sori_buffer_release(&text);
}

static enum sori_status take_records(void *user, struct sori_view lines, struct sori_error *error)
{
	struct job *job = user;
	enum sori_status status = SORI_OK;

	while (lines.length >= sizeof(struct packed) && status == SORI_OK) {
		struct packed head;
		struct sori_view fields[5];
		struct sori_route_document *entry;

		memcpy(&head, lines.at, sizeof head);
		lines = sori_view_slice(lines, sizeof head, lines.length);
		for (int i = 0; i < 5; i++) {
			fields[i] = sori_view_slice(lines, 0, head.lengths[i]);
			lines = sori_view_slice(lines, head.lengths[i], lines.length);
		}
		entry = find(job, head.high, head.low, head.content);
		if (!entry || !entry->left)
			continue;
		entry->left--;
		job->met++;
		status = sori_route_add(job->route, &(struct sori_route_record){
						.text = fields[0], .place = fields[1], .channel = fields[2], .product = fields[3], .region = fields[4],
						.categories = head.categories, .sketch = head.sketch, .customer = entry->customer,
						.rating = (int)head.rating - 1},
					error);
	}
	return status;
}

static enum sori_status read_again(struct job *job, struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", "identify", "extract", NULL};
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < job->source_count && status == SORI_OK; i++) {
		struct sori_cli inner = *job->cli;
		struct sori_filter filter = {.cli = &inner, .stages = stages, .line = pack_record, .sink = take_records, .user = job,
					     .dictionary = job->dictionary, .repeated = true};

		inner.operands = job->sources[i].paths;
		inner.operand_count = job->sources[i].count;
		inner.quiet = true;
		status = sori_cli_wish(job->cli, &filter.wish, error);
		filter.wish.source = job->sources[i].name;
		if (status == SORI_OK)
			status = sori_filter_run(&filter, error);
	}
	return status;
}

/* ---- files */

static const char *label(const struct job *job, size_t category)
{
	const struct sori_category *c = &job->dictionary->catalog.categories[category];

	return job->english ? c->en : c->ko;
}

static const char *unit_name(const struct job *job, const struct sori_route_unit *unit)
{
	if (unit->praise)
		return SAY(job, "praise", "칭찬");
	return *unit->owner ? unit->owner : SAY(job, "unassigned", "담당 없음");
}

/* A unit's name as a file's: letters, digits, Hangul; the rest is _. */
static void plain_name(const struct sori_route_unit *unit, char name[160])
{
	const char *from = unit->praise ? "praise" : *unit->owner ? unit->owner : "unassigned";
	size_t at = 0;

	for (; *from && (at < 130 || ((unsigned char)*from & 0xc0) == 0x80); from++)
		name[at++] = (char)((unsigned char)*from >= 0x80 || isalnum((unsigned char)*from) || *from == '-' || *from == '_' ? *from : '_');
	name[at] = '\0';
}

/* Two units whose names differ only in what no file name takes, or an owner called praise, do not share a file. */
static void file_name(const struct sori_route_unit *units, size_t number, const char *ending, char name[200])
{
	char mine[160], other[160];
	size_t same = 0;

	plain_name(&units[number], mine);
	for (size_t u = 0; u < number; u++) {
		plain_name(&units[u], other);
		same += !strcmp(mine, other);
	}
	if (same)
		(void)snprintf(name, 200, "%s.%zu%s", mine, same + 1, ending); /* no plain name has a dot */
	else
		(void)snprintf(name, 200, "%s%s", mine, ending);
}

/* One line, and nothing that Markdown would obey. */
static void put_quote(struct sori_buffer *out, const char *text)
{
	bool blank = false;

	for (const char *at = text; *at; at++) {
		bool gap = (unsigned char)*at <= ' ' || *at == 0x7f;

		if (gap && blank)
			continue;
		blank = gap;
		if (strchr("\\`*_{}[]<>#|", *at))
			sori_buffer_add_byte(out, '\\');
		sori_buffer_add_byte(out, gap ? ' ' : *at);
	}
}

static void put_group(struct sori_buffer *out, const struct job *job, const struct sori_route_group *group)
{
	if (group->count > 1)
		sori_buffer_add_format(out, group->customers ? SAY(job, "- **%zu alike** (%zu customers)\n", "- **비슷한 글 %zu건** (고객 %zu명)\n")
							     : SAY(job, "- **%zu alike**\n", "- **비슷한 글 %zu건**\n"), group->count, group->customers);
	for (size_t i = 0; i < group->count && i < SHOWN_OF_A_GROUP; i++) {
		const struct sori_route_item *item = group->items[i];
		const char *places[] = {item->channel, item->product, item->region};

		sori_buffer_add_text(out, group->count > 1 ? "  - " : "- ");
		put_quote(out, item->text);
		for (int p = 0; p < 3; p++)
			if (*places[p]) {
				sori_buffer_add_text(out, " · ");
				put_quote(out, places[p]);
			}
		if (item->rating >= 0)
			sori_buffer_add_format(out, " · %d★", item->rating);
		for (size_t o = 0; o < item->other_count; o++)
			sori_buffer_add_format(out, "%s%s", o ? ", " : SAY(job, " · also: ", " · 함께: "), label(job, item->others[o]));
		sori_buffer_add_byte(out, '\n');
	}
	if (group->count > SHOWN_OF_A_GROUP)
		sori_buffer_add_format(out, SAY(job, "  - … %zu more in the CSV file\n", "  - … 나머지 %zu건은 CSV 파일에\n"), group->count - SHOWN_OF_A_GROUP);
}

static void put_readable(struct sori_buffer *out, const struct job *job, const struct sori_route_unit *unit)
{
	char day[11];
	size_t category = SIZE_MAX;

	sori_day_text(job->day, day);
	sori_buffer_add_format(out, unit->praise ? SAY(job, "# %s — %s: %zu document%s\n", "# %s — %s: %zu건%s\n")
						 : SAY(job, "# %s — %s: %zu complaint%s\n", "# %s — %s: 불만 %zu건%s\n"),
			       unit_name(job, unit), day, unit->documents, job->english && unit->documents != 1 ? "s" : "");
	for (size_t g = 0; g < unit->group_count; g++) {
		const struct sori_route_group *group = &unit->groups[g];

		if (group->category != category) {
			size_t sum = 0;

			category = group->category;
			for (size_t k = g; k < unit->group_count && unit->groups[k].category == category; k++)
				sum += unit->groups[k].count;
			sori_buffer_add_format(out, unit->praise ? SAY(job, "\n## %s (%s): %zu\n\n", "\n## %s (%s): %zu건\n\n")
								 : SAY(job, "\n## %s (%s): %zu, severity %d\n\n", "\n## %s (%s): %zu건, 심각도 %d\n\n"),
					       label(job, category), job->dictionary->catalog.categories[category].id, sum, group->severity);
		}
		put_group(out, job, group);
	}
	sori_buffer_add_format(out, SAY(job, "\nNames, numbers and addresses are masked. Status: %s (received, routed, improved, verified).\n",
					"\n이름·번호·주소는 가렸음. 처리 상태: %s (접수 → 전달 → 개선 → 확인).\n"), LEDGER);
}

static void put_csv_group(struct sori_buffer *out, const struct job *job, const struct sori_route_unit *unit, size_t number,
			  const struct sori_route_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct sori_route_item *item = group->items[i];
		const char *texts[] = {item->text, item->channel, item->product, item->region, item->place};

		sori_buffer_add_csv(out, sori_view_of(unit_name(job, unit)), true);
		sori_buffer_add_format(out, ",%s,", job->dictionary->catalog.categories[group->category].id);
		sori_buffer_add_csv(out, sori_view_of(label(job, group->category)), true);
		sori_buffer_add_format(out, ",%d,%zu,%zu,", group->severity, number + 1, group->count);
		if (item->rating >= 0)
			sori_buffer_add_format(out, "%d", item->rating);
		for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
			sori_buffer_add_byte(out, ',');
			sori_buffer_add_csv(out, sori_view_of(texts[t]), true);
		}
		sori_buffer_add_byte(out, ',');
		for (size_t o = 0; o < item->other_count; o++)
			sori_buffer_add_format(out, "%s%s", o ? " " : "", job->dictionary->catalog.categories[item->others[o]].id);
		sori_buffer_add_byte(out, '\n');
	}
}

static enum sori_status write_file(struct sori_output_set *set, const char *name, const struct sori_buffer *content, struct sori_error *error)
{
	struct sori_output *output;
	enum sori_status status = content->failed ? sori_fail(error, SORI_SYSTEM, "out of memory")
						  : sori_output_set_open(set, name, false, 0, &output, error);

	if (status == SORI_OK)
		status = sori_output_write(output, sori_buffer_view(content), error);
	return status == SORI_OK ? sori_output_finish(output, error) : status;
}

static enum sori_status write_unit(const struct job *job, struct sori_output_set *set, const struct sori_route_unit *units, size_t number,
				   struct sori_error *error)
{
	const struct sori_route_unit *unit = &units[number];
	struct sori_buffer out;
	char name[200];
	enum sori_status status;

	sori_buffer_init(&out, (size_t)1 << 30);
	put_readable(&out, job, unit);
	file_name(units, number, ".md", name);
	status = write_file(set, name, &out, error);
	sori_buffer_reset(&out);
	sori_buffer_add_text(&out, "unit,category,label,severity,group,alike,rating,text,channel,product,region,place,other_categories\n");
	for (size_t g = 0; g < unit->group_count; g++)
		put_csv_group(&out, job, unit, g, &unit->groups[g]);
	file_name(units, number, ".csv", name);
	if (status == SORI_OK)
		status = write_file(set, name, &out, error);
	sori_buffer_release(&out);
	return status;
}

/* Units without anything tonight get their files as well: yesterday's must not pass for today's. */
static enum sori_status write_units(const struct job *job, const struct sori_route_unit *units, size_t count, struct sori_error *error)
{
	char folder[4200];
	struct sori_output_set *set;
	enum sori_status status;

	(void)snprintf(folder, sizeof folder, "%s/%s", job->out, FOLDER);
	status = sori_make_folder(folder, 0750, error);
	if (status != SORI_OK)
		return status;
	set = sori_output_set_new(folder);
	if (!set)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t u = 0; u < count && status == SORI_OK; u++)
		status = write_unit(job, set, units, u, error);
	if (status == SORI_OK)
		status = sori_output_set_publish(set, error);
	sori_output_set_free(set);
	return status;
}

static enum sori_status update_ledger(const struct job *job, struct sori_status_ledger *ledger, const struct sori_route_unit *units, size_t count,
				      size_t *added, struct sori_error *error)
{
	const struct sori_catalog *catalog = &job->dictionary->catalog;
	struct sori_status_new *lines = sori_alloc_zero(catalog->count + 1, sizeof *lines);
	size_t used = 0;
	enum sori_status status;

	if (!lines)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (size_t c = 0; c < catalog->count; c++) {
		uint64_t documents = 0;

		for (size_t u = 0; u < count; u++)
			for (size_t g = 0; g < units[u].group_count && !units[u].praise; g++)
				documents += units[u].groups[g].category == c ? units[u].groups[g].count : 0;
		if (documents)
			lines[used++] = (struct sori_status_new){catalog->categories[c].owner, catalog->categories[c].id, documents};
	}
	status = sori_status_append(ledger, job->out, LEDGER, job->day, lines, used, added, error);
	sori_free(lines);
	return status;
}

static void tell(const struct job *job, const struct sori_route_unit *units, size_t count, size_t added)
{
	char day[11];

	sori_day_text(job->day, day);
	sori_cli_note(job->cli, "%s: %zu documents, %zu with a category, %zu of these read again", day, job->total, job->matched, job->met);
	for (size_t u = 0; u < count; u++)
		if (units[u].documents)
			sori_cli_note(job->cli, "  %s: %zu in %zu group%s", unit_name(job, &units[u]), units[u].documents, units[u].group_count,
				      units[u].group_count == 1 ? "" : "s");
	sori_cli_note(job->cli, "%s/%s, %s/%s (%zu lines added)", job->out, FOLDER, job->out, LEDGER, added);
	if (job->gone)
		sori_cli_warn("%zu dumps of that night are gone or hold something else, the first %s; their complaints are not in the files", job->gone, job->first_gone);
}

static enum sori_status route_all(struct job *job, struct sori_error *error)
{
	struct sori_status_ledger ledger;
	const struct sori_route_unit *units;
	size_t count, added = 0;
	char path[4200];
	enum sori_status status;

	(void)snprintf(path, sizeof path, "%s/%s", job->out, LEDGER);
	status = sori_status_read(&ledger, path, error); /* first: a damaged ledger stops before anything is written */
	if (status == SORI_OK)
		status = read_again(job, error);
	if (status == SORI_OK && job->matched && !job->met)
		status = job->source_count
				 ? sori_fail(error, SORI_DATA, "none of the night's documents was found in its dumps again: give the options and "
							       "dictionaries that sori run was given")
				 : sori_fail(error, SORI_DATA, "the dumps of the night are gone or hold something else, the first %s%s; nothing is written",
					     job->first_gone, job->first_gone[0] == '/' ? "" : " (a path from the folder where sori run was called)");
	if (status == SORI_OK)
		status = sori_route_finish(job->route, &units, &count, error);
	if (status == SORI_OK)
		status = write_units(job, units, count, error);
	if (status == SORI_OK)
		status = update_ledger(job, &ledger, units, count, &added, error);
	if (status == SORI_OK)
		tell(job, units, count, added);
	sori_status_release(&ledger);
	return status;
}

static enum sori_status find_night(struct job *job, struct sori_error *error)
{
	struct sori_store *store = NULL;
	sori_day first, last;
	enum sori_status status = sori_analysis_open(job->cli, &store, error), closed;

	if (status != SORI_OK)
		return status;
	status = sori_analysis_bounds(sori_store_connection(store), &first, &last, error);
	if (job->day == SORI_DAY_NONE)
		job->day = last;
	if (status == SORI_OK)
		status = sori_route_documents(sori_store_connection(store), job->day, &job->list, &job->count, &job->total, &job->matched, error);
	if (status == SORI_OK)
		status = find_dumps(job, sori_store_connection(store), error);
	closed = sori_store_close(store, status == SORI_OK ? error : NULL);
	return status == SORI_OK ? closed : status;
}

static enum sori_status route_run(struct sori_cli *cli, struct sori_error *error)
{
	struct job job = {.cli = cli, .out = sori_cli_value(cli, "out") ? sori_cli_value(cli, "out") : "sori-out", .day = SORI_DAY_NONE};
	enum sori_status status = sori_side_english(cli, &job.english, error);

	sori_arena_init(&job.arena, 1 << 14);
	if (status == SORI_OK)
		status = sori_analysis_day(cli, "as-of", &job.day, error);
	if (status == SORI_OK)
		status = sori_cli_dictionary(cli, &job.dictionary, error);
	if (status == SORI_OK)
		status = find_night(&job, error);
	if (status == SORI_OK && !(job.route = sori_route_new(&job.dictionary->catalog, job.day)))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = route_all(&job, error);
	sori_route_free(job.route);
	for (size_t i = 0; i < job.source_count; i++)
		sori_free((void *)job.sources[i].paths);
	sori_free(job.sources);
	sori_free(job.list);
	sori_arena_release(&job.arena);
	sori_dictionary_free(job.dictionary);
	return status;
}

const struct sori_command sori_command_route = {
	.name = "route",
	.summary = "tonight's complaints to the units that own them, and a status ledger",
	.operands = "",
	.examples = "  sori route --lang ko\n  sori route --as-of 2026-08-03 --out /srv/sori\n",
	.details = "Writes DIR/route/UNIT.md and UNIT.csv for every owner of a category, `unassigned` for categories without one, and `praise` for\n"
		   "awards: masked texts, most severe first, alike ones together. The texts are read again from the dumps that the store's\n"
		   "ledger names for that night; give the column options that sori run was given. DIR/status.tsv gets one line for each\n"
		   "category and night (received and routed); people fill in the days improved and verified, and sori effect reads them.\n"
		   "Lines that are there are never changed, and a second run of the same night adds nothing.\n",
	.options = options,
	.reads_input = true,
	.run = route_run,
};
