/* Labels are read once and counted per category in integers; shares and intervals are computed at the end. A text of the
 * random part is a negative for every category that neither the dictionary nor the reader named, so those need no pass of
 * their own: tn = random texts - tp - fp - fn - unsure. */
#include "pipeline/core/classifier.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/arena.h"
#include "pipeline/base/memory.h"
#include "pipeline/core/store_internal.h"
#include "pipeline/stats/intervals.h"

#define Z 1.959963984540054 /* 97.5 % point of the normal distribution */
#define RANDOM "*random"

struct tally {
	const char *id;
	uint64_t tp, fp, fn, unsure;      /* random texts */
	uint64_t drawn_right, drawn;      /* random and own stratum, counted for it */
	uint64_t gold_tp, gold_fp, gold_fn, gold_tn;
};

struct counting {
	struct sori_classifier *out;
	struct sori_arena *arena;
	struct tally *tallies;
	size_t count, capacity;
	bool failed;
};

/* The object and what it owns. */
struct owner {
	struct sori_classifier classifier;
	struct sori_arena arena;
};

const char *sori_classifier_basis_id(enum sori_classifier_basis basis)
{
	static const char *const ids[] = {"none", "labels", "gold"};

	return (unsigned)basis < sizeof ids / sizeof *ids ? ids[basis] : ids[0];
}

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

/* ---- counting */

static struct sori_view next_word(struct sori_view *rest)
{
	struct sori_view word;
	size_t length = 0;

	while (rest->length && *rest->at == ' ')
		*rest = sori_view_slice(*rest, 1, rest->length);
	while (length < rest->length && rest->at[length] != ' ')
		length++;
	word = sori_view_slice(*rest, 0, length);
	*rest = sori_view_slice(*rest, length, rest->length);
	return word;
}

static bool has_word(struct sori_view words, struct sori_view word)
{
	while (words.length)
		if (sori_view_equal(next_word(&words), word))
			return true;
	return false;
}

static struct tally *tally_of(struct counting *counting, struct sori_view id)
{
	struct sori_view copy;

	for (size_t i = 0; i < counting->count; i++)
		if (sori_view_is(id, counting->tallies[i].id))
			return &counting->tallies[i];
	copy = sori_arena_copy(counting->arena, id);
	if (!copy.at || SORI_GROW(counting->tallies, counting->capacity, counting->count + 1) != 0) {
		counting->failed = true;
		return NULL;
	}
	counting->tallies[counting->count] = (struct tally){.id = copy.at};
	return &counting->tallies[counting->count++];
}

struct judged {
	struct sori_view drawn, found, wanted, unsure;
	bool random;
};

static void count_found(struct counting *counting, const struct judged *text)
{
	for (struct sori_view rest = text->found, id = next_word(&rest); id.length; id = next_word(&rest)) {
		struct tally *tally = tally_of(counting, id);
		bool right = has_word(text->wanted, id);

		if (!tally)
			return;
		if (has_word(text->unsure, id))
			continue;
		tally->tp += text->random && right;
		tally->fp += text->random && !right;
		if (text->random || has_word(text->drawn, id)) {
			tally->drawn++;
			tally->drawn_right += right;
		}
	}
}

static void count_text(struct counting *counting, const struct judged *text)
{
	count_found(counting, text);
	for (struct sori_view rest = text->wanted, id = next_word(&rest); id.length; id = next_word(&rest)) {
		struct tally *tally = tally_of(counting, id);

		if (tally && text->random && !has_word(text->found, id) && !has_word(text->unsure, id))
			tally->fn++;
	}
	for (struct sori_view rest = text->unsure, id = next_word(&rest); id.length; id = next_word(&rest)) {
		struct tally *tally = tally_of(counting, id);

		if (tally && text->random)
			tally->unsure++;
	}
}

static bool has_stratum(struct sori_view drawn)
{
	for (struct sori_view word = next_word(&drawn); word.length; word = next_word(&drawn))
		if (!sori_view_is(word, RANDOM))
			return true;
	return false;
}

static void note_text(struct sori_classifier *out, const struct judged *text, sori_day day)
{
	out->random_texts += text->random;
	out->stratified_texts += has_stratum(text->drawn);
	if (!text->random || day == SORI_DAY_NONE)
		return;
	if (out->first == SORI_DAY_NONE || day < out->first)
		out->first = day;
	if (out->last == SORI_DAY_NONE || day > out->last)
		out->last = day;
}

static enum sori_status count_labels(struct counting *counting, sqlite3 *database, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(
		database, &statement,
		"SELECT day, drawn, found, wanted, unsure FROM label WHERE dictionary = ?1 ORDER BY identity", error);

	if (status != SORI_OK)
		return status;
	sori_sql_bind_text(statement, 1, counting->out->dictionary);
	while ((status = sori_sql_step(statement, error)) == SORI_OK) {
		struct judged text = {sori_sql_text(statement, 1), sori_sql_text(statement, 2), sori_sql_text(statement, 3),
				      sori_sql_text(statement, 4), false};

		text.random = has_word(text.drawn, sori_view_of(RANDOM));
		note_text(counting->out, &text, (sori_day)sqlite3_column_int64(statement, 0));
		count_text(counting, &text);
	}
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status count_gold(struct counting *counting, sqlite3 *database, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status =
		sori_sql_prepare(database, &statement,
				 "SELECT category, tp, fp, fn, tn, texts, name FROM gold WHERE dictionary = ?1 ORDER BY category", error);

	if (status != SORI_OK)
		return status;
	sori_sql_bind_text(statement, 1, counting->out->dictionary);
	while ((status = sori_sql_step(statement, error)) == SORI_OK) {
		struct tally *tally = tally_of(counting, sori_sql_text(statement, 0));

		if (!tally)
			break;
		tally->gold_tp = (uint64_t)sqlite3_column_int64(statement, 1);
		tally->gold_fp = (uint64_t)sqlite3_column_int64(statement, 2);
		tally->gold_fn = (uint64_t)sqlite3_column_int64(statement, 3);
		tally->gold_tn = (uint64_t)sqlite3_column_int64(statement, 4);
		counting->out->gold_texts = (uint64_t)sqlite3_column_int64(statement, 5);
		counting->out->gold_name = sori_arena_copy(counting->arena, sori_sql_text(statement, 6)).at;
		counting->failed |= !counting->out->gold_name;
	}
	sqlite3_finalize(statement);
	return status == SORI_END || counting->failed ? SORI_OK : status;
}

/* ---- shares */

static struct sori_classifier_share share_of(enum sori_classifier_basis basis, uint64_t right, uint64_t judged)
{
	struct sori_classifier_share share = {basis, right, judged, NAN, NAN, NAN};
	struct sori_interval interval;

	if (judged == 0) {
		share.basis = SORI_BASIS_NONE;
		return share;
	}
	interval = sori_wilson_interval((double)right, (double)judged, 0.95);
	share.value = (double)right / (double)judged;
	share.low = interval.low;
	share.high = interval.high;
	return share;
}

static struct sori_classifier_share first_share(struct sori_classifier_share labels, struct sori_classifier_share gold)
{
	return labels.basis == SORI_BASIS_NONE ? gold : labels;
}

static struct sori_classifier_category figures_of(const struct tally *t, uint64_t random_texts)
{
	uint64_t negatives = random_texts - t->unsure - t->tp - t->fn;

	return (struct sori_classifier_category){
		.id = t->id,
		.precision = first_share(share_of(SORI_BASIS_LABELS, t->drawn_right, t->drawn),
					 share_of(SORI_BASIS_GOLD, t->gold_tp, t->gold_tp + t->gold_fp)),
		.recall = first_share(share_of(SORI_BASIS_LABELS, t->tp, t->tp + t->fn),
				      share_of(SORI_BASIS_GOLD, t->gold_tp, t->gold_tp + t->gold_fn)),
		.specificity = first_share(share_of(SORI_BASIS_LABELS, negatives - t->fp, negatives),
					   share_of(SORI_BASIS_GOLD, t->gold_tn, t->gold_tn + t->gold_fp)),
	};
}

static int compare_tallies(const void *left, const void *right)
{
	return strcmp(((const struct tally *)left)->id, ((const struct tally *)right)->id);
}

static enum sori_status write_figures(struct counting *counting, struct sori_error *error)
{
	struct sori_classifier_category *categories =
		sori_arena_zero(counting->arena, counting->count + 1, sizeof *categories);

	if (!categories || counting->failed)
		return no_memory(error);
	if (counting->count)
		qsort(counting->tallies, counting->count, sizeof *counting->tallies, compare_tallies);
	for (size_t i = 0; i < counting->count; i++)
		categories[i] = figures_of(&counting->tallies[i], counting->out->random_texts);
	counting->out->categories = categories;
	counting->out->count = counting->count;
	return SORI_OK;
}

/* ---- loading */

static enum sori_status has_tables(sqlite3 *database, bool *there, struct sori_error *error)
{
	int64_t tables = 0;
	enum sori_status status = sori_sql_number(
		database, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('label', 'gold')", &tables, error);

	*there = tables == 2;
	return status;
}

/* The dictionary asked for when it was judged, else the last judged one in the order in which the store met them. */
static enum sori_status choose_dictionary(struct counting *counting, sqlite3 *database, const char *wanted,
					  struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(
		database, &statement,
		"SELECT j.dictionary FROM (SELECT dictionary FROM label UNION SELECT dictionary FROM gold) j"
		" LEFT JOIN dictionary d ON d.hash = j.dictionary"
		" ORDER BY j.dictionary = ?1 DESC, d.dictionary DESC, j.dictionary LIMIT 1",
		error);

	if (status != SORI_OK)
		return status;
	sori_sql_bind_text(statement, 1, wanted);
	status = sori_sql_step(statement, error);
	if (status == SORI_OK) {
		counting->out->dictionary = sori_arena_copy(counting->arena, sori_sql_text(statement, 0)).at;
		if (!counting->out->dictionary)
			status = no_memory(error);
	}
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

static enum sori_status load(struct counting *counting, sqlite3 *database, const char *wanted, struct sori_error *error)
{
	bool there;
	enum sori_status status = has_tables(database, &there, error);

	if (status == SORI_OK && there)
		status = choose_dictionary(counting, database, wanted, error);
	if (status != SORI_OK || !counting->out->dictionary[0])
		return status;
	counting->out->current = !wanted || !wanted[0] || strcmp(wanted, counting->out->dictionary) == 0;
	status = count_labels(counting, database, error);
	if (status == SORI_OK)
		status = count_gold(counting, database, error);
	return status == SORI_OK ? write_figures(counting, error) : status;
}

enum sori_status sori_classifier_load(struct sori_classifier **classifier, struct sqlite3 *database, const char *dictionary,
				      struct sori_error *error)
{
	struct owner *owner = sori_alloc_zero(1, sizeof *owner);
	struct counting counting = {.out = owner ? &owner->classifier : NULL, .arena = owner ? &owner->arena : NULL};
	enum sori_status status;

	*classifier = NULL;
	if (!owner)
		return no_memory(error);
	sori_arena_init(&owner->arena, 4096);
	owner->classifier = (struct sori_classifier){
		.dictionary = "", .gold_name = "", .current = true, .first = SORI_DAY_NONE, .last = SORI_DAY_NONE};
	status = load(&counting, database, dictionary, error);
	sori_free(counting.tallies);
	if (status != SORI_OK) {
		sori_classifier_free(&owner->classifier);
		return status;
	}
	*classifier = &owner->classifier;
	return SORI_OK;
}

void sori_classifier_free(struct sori_classifier *classifier)
{
	struct owner *owner = (struct owner *)(void *)classifier; /* its first member */

	if (!owner)
		return;
	sori_arena_release(&owner->arena);
	sori_free(owner);
}

const struct sori_classifier_category *sori_classifier_find(const struct sori_classifier *classifier, const char *id)
{
	for (size_t i = 0; classifier && i < classifier->count; i++)
		if (strcmp(classifier->categories[i].id, id) == 0)
			return &classifier->categories[i];
	return NULL;
}

/* ---- the corrected share */

static double clip(double value)
{
	return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* Lang & Reiczigel (2014), Prev Vet Med 113: the shares are moved towards one half as Agresti and Coull do, then the
 * variances of prevalence, sensitivity and specificity are added. False when the moved test tells nothing. */
static bool corrected_interval(double hits, double n, const struct sori_classifier_category *category,
			       struct sori_corrected_share *out)
{
	double n_se = (double)category->recall.judged, n_sp = (double)category->specificity.judged, zz = Z * Z;
	double p = (hits + zz / 2) / (n + zz);
	double se = ((double)category->recall.right + 1) / (n_se + 2);
	double sp = ((double)category->specificity.right + 1) / (n_sp + 2);
	double power = se + sp - 1, share, v_se, v_sp, shift, half;

	if (power <= 0)
		return false;
	share = (p + sp - 1) / power;
	v_se = se * (1 - se) / (n_se + 2);
	v_sp = sp * (1 - sp) / (n_sp + 2);
	shift = 2 * zz * (share * v_se - (1 - share) * v_sp);
	half = Z * sqrt(p * (1 - p) / (n + zz) + share * share * v_se + (1 - share) * (1 - share) * v_sp) / power;
	if (share + shift + half < 0 || share + shift - half > 1)
		return true; /* no share of 0..1 fits: an interval of no width would look certain */
	out->low = clip(share + shift - half);
	out->high = clip(share + shift + half);
	return true;
}

struct sori_corrected_share sori_corrected_share(uint64_t hits, uint64_t documents,
						 const struct sori_classifier_category *category)
{
	struct sori_corrected_share out = {NAN, NAN, NAN, false}, none = out;
	double power, raw;

	if (!category || documents == 0 || category->recall.basis != SORI_BASIS_LABELS ||
	    category->specificity.basis != SORI_BASIS_LABELS)
		return none;
	power = category->recall.value + category->specificity.value - 1;
	if (power <= 0 || !corrected_interval((double)hits, (double)documents, category, &out))
		return none;
	raw = ((double)hits / (double)documents + category->specificity.value - 1) / power;
	out.value = clip(raw);
	out.clipped = raw < 0 || raw > 1;
	return out;
}

/* ---- writing */

enum sori_status sori_classifier_prepare(struct sqlite3 *database, struct sori_error *error)
{
	return sori_sql_exec(database,
			     "CREATE TABLE IF NOT EXISTS label(identity TEXT NOT NULL, dictionary TEXT NOT NULL, day INTEGER NOT NULL,"
			     " drawn TEXT NOT NULL, fraction TEXT NOT NULL, found TEXT NOT NULL, wanted TEXT NOT NULL,"
			     " unsure TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(identity, dictionary)) WITHOUT ROWID;"
			     "CREATE TABLE IF NOT EXISTS gold(category TEXT NOT NULL, dictionary TEXT NOT NULL, name TEXT NOT NULL,"
			     " texts INTEGER NOT NULL, tp INTEGER NOT NULL, fp INTEGER NOT NULL, fn INTEGER NOT NULL,"
			     " tn INTEGER NOT NULL, PRIMARY KEY(category, dictionary)) WITHOUT ROWID;",
			     error);
}

/* Writes nothing when the row is there word for word. */
#define PUT_LABEL \
	"INSERT INTO label SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1 FROM label WHERE" \
	" identity = ?1 AND dictionary = ?2 AND day = ?3 AND drawn = ?4 AND fraction = ?5 AND found = ?6 AND wanted = ?7" \
	" AND unsure = ?8 AND text = ?9) ON CONFLICT(identity, dictionary) DO UPDATE SET day = excluded.day," \
	" drawn = excluded.drawn, fraction = excluded.fraction, found = excluded.found, wanted = excluded.wanted," \
	" unsure = excluded.unsure, text = excluded.text"

enum sori_status sori_classifier_put(struct sqlite3 *database, const struct sori_label *label, bool *changed,
				     struct sori_error *error)
{
	const struct sori_view *texts[] = {&label->drawn, &label->fraction, &label->found, &label->wanted, &label->unsure,
					   &label->text};
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(database, &statement, PUT_LABEL, error);

	if (status != SORI_OK)
		return status;
	sori_sql_bind_view(statement, 1, label->identity);
	sori_sql_bind_view(statement, 2, label->dictionary);
	(void)sqlite3_bind_int64(statement, 3, label->day);
	for (int i = 0; i < 6; i++)
		sori_sql_bind_view(statement, i + 4, *texts[i]);
	status = sori_sql_run(statement, error);
	if (changed)
		*changed = status == SORI_OK && sqlite3_changes(database) > 0;
	sqlite3_finalize(statement);
	return status;
}

enum sori_status sori_classifier_put_gold(struct sqlite3 *database, const struct sori_gold_counts *counts,
					  struct sori_error *error)
{
	const uint64_t numbers[] = {counts->texts, counts->tp, counts->fp, counts->fn, counts->tn};
	sqlite3_stmt *statement;
	enum sori_status status =
		sori_sql_prepare(database, &statement, "INSERT OR REPLACE INTO gold VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", error);

	if (status != SORI_OK)
		return status;
	sori_sql_bind_view(statement, 1, counts->category);
	sori_sql_bind_view(statement, 2, counts->dictionary);
	sori_sql_bind_view(statement, 3, counts->name);
	for (int i = 0; i < 5; i++)
		(void)sqlite3_bind_int64(statement, i + 4, (sqlite3_int64)numbers[i]);
	status = sori_sql_run(statement, error);
	sqlite3_finalize(statement);
	return status;
}
