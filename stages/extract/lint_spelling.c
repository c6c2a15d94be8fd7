/* Repeated and dead spellings. Whether a term can match is not reasoned about but tried: its own spelling goes through the
 * whole path (normalise, mask, match). If the term is not among the matches, nothing that an author would type is. What
 * took it is looked for afterwards, which may be slow: it is rare. */
#include "stages/extract/lint_internal.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/text/normalize.h"

struct walk {
	struct sori_linting *l;
	struct sori_names tried;    /* spellings that went through the matcher */
	struct sori_place *places;  /* by value of l->names: where something was met first */
	size_t place_count, place_capacity;
	struct sori_view scope;     /* what must not say the same twice */
	bool forbidding;            /* in not=: a dead term there protects nothing and harms nothing */
	bool *used;                 /* per set of the source: some entry leads to it */
	struct sori_error *error;
	enum sori_status status;
};

/* ---- spellings as text */

/* Without quotes and class, `_` as `joint` (0: left out). */
static struct sori_view clean(struct sori_linting *l, struct sori_view text, char joint)
{
	sori_buffer_reset(&l->scratch);
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '/' && i >= 3 && memcmp(text.at + i - 3, "다", 3) == 0)
			break;
		if (text.at[i] == '_' && joint)
			sori_buffer_add_byte(&l->scratch, joint);
		else if (text.at[i] != '"' && text.at[i] != '_')
			sori_buffer_add_byte(&l->scratch, text.at[i]);
	}
	l->failed |= l->scratch.failed;
	return sori_buffer_view(&l->scratch);
}

static struct sori_view keep(struct sori_linting *l, struct sori_view text)
{
	struct sori_view copy = sori_arena_copy(&l->arena, text);

	l->failed |= text.length && !copy.at;
	return copy.at ? copy : sori_view_of("");
}

/* "kind:spelling" in the arena. */
static struct sori_view label_of(struct sori_linting *l, char kind, struct sori_view text)
{
	struct sori_buffer label;
	struct sori_view kept;

	sori_buffer_init(&label, (size_t)1 << 20);
	sori_buffer_add_byte(&label, kind);
	sori_buffer_add_byte(&label, ':');
	sori_buffer_add_view(&label, sori_view_trim(text));
	kept = keep(l, sori_buffer_view(&label));
	l->failed |= label.failed;
	sori_buffer_release(&label);
	return kept;
}

/* ---- dead terms */

static uint8_t kind_of(const struct sori_source_term *term)
{
	switch (term->kind) {
	case 'n': return SORI_TERM_NOUN;
	case 'v': return SORI_TERM_VERB;
	case 'a': return SORI_TERM_ADVERB;
	case 'e': return SORI_TERM_ENGLISH;
	default: return UINT8_MAX; /* p: either */
	}
}

/* A kind said wrongly (v: without -다) was told by the compiler; any kind will do then. */
static bool alive(const struct sori_linting *l, const struct sori_source_term *term)
{
	const struct sori_matcher *m = l->matcher;
	uint8_t kind = kind_of(term);

	for (size_t i = 0; i < m->match_count; i++) {
		const struct sori_term_match *match = &m->matches[i];
		const struct sori_group *group = sori_match_group(m, match);

		if (match->flags & SORI_MATCH_SUPPRESSED || group->set_count == 0)
			continue;
		if (match->start == 0 && match->tail_end + 3 >= m->text.length &&
		    (kind == UINT8_MAX || group->kind == kind || kind == SORI_TERM_VERB))
			return true;
	}
	return false;
}

static bool stands_somewhere(const struct sori_linting *l, const struct sori_source_term *term)
{
	for (size_t i = 0; i < l->matcher->match_count; i++)
		if (!(l->matcher->matches[i].flags & SORI_MATCH_SUPPRESSED) &&
		    (kind_of(term) == UINT8_MAX || sori_match_group(l->matcher, &l->matcher->matches[i])->kind == kind_of(term)))
			return true;
	return false;
}

/* The exclusion that covers most of the text, UINT32_MAX: none. */
static uint32_t exclusion_in(const struct sori_linting *l, struct sori_view text)
{
	const struct sori_dictionary *d = l->dictionary;
	uint32_t best = UINT32_MAX;
	size_t longest = 0;

	for (uint32_t i = 0; i < d->form_count; i++) {
		const struct sori_form *form = &d->forms[i];

		if (d->terms[form->term].kind != SORI_TERM_EXCLUSION || form->text.length <= longest ||
		    form->text.length > text.length || !memmem(text.at, text.length, form->text.at, form->text.length))
			continue;
		best = form->term;
		longest = form->text.length;
	}
	return best;
}

static bool is_own_ex(const struct sori_source_term *term, struct sori_view text)
{
	for (size_t i = 0; i < term->ex_count; i++)
		if (term->ex[i].length >= text.length || memmem(text.at, text.length, term->ex[i].at, term->ex[i].length))
			if (memmem(term->ex[i].at, term->ex[i].length, text.at, text.length))
				return true;
	return false;
}

static void say_dead(struct sori_linting *l, const struct sori_source_term *term, const struct sori_spelling *spelling,
		     bool harmless)
{
	struct sori_view label = label_of(l, term->kind, spelling->text), text = l->matcher->text;
	const struct sori_record *record = &l->batch->records[0];
	uint32_t exclusion = exclusion_in(l, text);
	char why[300];

	if (text.length == 0)
		(void)snprintf(why, sizeof why, "normalisation leaves nothing of it");
	else if (record->mask_count)
		(void)snprintf(why, sizeof why, "it is masked as personal data");
	else if (memchr(text.at, SORI_CHAR_MOOD, text.length))
		(void)snprintf(why, sizeof why, "normalisation reads it as laughter or tears");
	else if (is_own_ex(term, text))
		(void)snprintf(why, sizeof why, "its own ex= takes it away");
	else if (exclusion != UINT32_MAX)
		(void)snprintf(why, sizeof why, "the exclusion %.*s (%s:%u) eats it", (int)sori_lint_cut(l->dictionary->terms[exclusion].label, 60).length,
			       l->dictionary->terms[exclusion].label.at, sori_lint_path(l, l->dictionary->terms[exclusion].file),
			       l->dictionary->terms[exclusion].line);
	else
		(void)snprintf(why, sizeof why, "normalised it reads \"%.*s\", and no form of it stands there",
			       (int)sori_lint_cut(text, 80).length, text.at);
	sori_lint_say(l, harmless ? SORI_LINT_NOTE : SORI_LINT_WARNING, "dead-term", label, spelling->place, "%.*s can never match: %s", (int)label.length,
		      label.at, why);
}

static enum sori_status try_spelling(struct walk *w, const struct sori_source_term *term, const struct sori_spelling *spelling)
{
	struct sori_linting *l = w->l;
	bool joined = spelling->text.length && memchr(spelling->text.at, '_', spelling->text.length);
	struct sori_view text = clean(l, spelling->text, 0);

	if (!sori_lint_match(l, text, w->error))
		return w->error->status;
	if (alive(l, term))
		return SORI_OK;
	if (joined) {
		if (!sori_lint_match(l, clean(l, spelling->text, ' '), w->error))
			return w->error->status;
		if (alive(l, term))
			return SORI_OK;
	}
	if (text.length && (unsigned char)*text.at < 0x80 && strchr("$%&+#*/<>=@", *text.at)) { /* marks stand at numbers */
		char beside[80];

		(void)snprintf(beside, sizeof beside, "5%.*s 5", (int)(text.length < 60 ? text.length : 60), text.at);
		if (!sori_lint_match(l, sori_view_of(beside), w->error))
			return w->error->status;
		if (stands_somewhere(l, term))
			return SORI_OK;
		(void)sori_lint_match(l, clean(l, spelling->text, 0), w->error);
	}
	say_dead(l, term, spelling, w->forbidding);
	return SORI_OK;
}

/* ---- repetition */

/* Notes where `key` (kept) was met first; NULL: here and now. */
static const struct sori_place *met_before(struct walk *w, struct sori_view key, struct sori_place place)
{
	struct sori_name *slot = sori_names_put(&w->l->names, key);

	if (!slot || SORI_GROW(w->places, w->place_capacity, w->place_count + 1) != 0) {
		w->l->failed = true;
		return NULL;
	}
	if (slot->value != UINT32_MAX)
		return &w->places[slot->value];
	slot->value = (uint32_t)w->place_count;
	w->places[w->place_count++] = place;
	return NULL;
}

/* Scope, what decides where the spelling matches, and the spelling. */
static struct sori_view repetition_key(struct sori_linting *l, struct sori_view scope, const struct sori_source_term *term,
				       struct sori_view label)
{
	sori_buffer_reset(&l->scratch);
	sori_buffer_add_view(&l->scratch, scope);
	sori_buffer_add_format(&l->scratch, "\t%u %u %d%d%d\t", term->left, term->right, term->upper, term->loose, term->no_root);
	for (size_t i = 0; i < term->ex_count; i++) {
		sori_buffer_add_view(&l->scratch, term->ex[i]);
		sori_buffer_add_byte(&l->scratch, ',');
	}
	sori_buffer_add_byte(&l->scratch, '\t');
	sori_buffer_add_view(&l->scratch, label);
	l->failed |= l->scratch.failed;
	return keep(l, sori_buffer_view(&l->scratch));
}

static void visit_spelling(struct walk *w, const struct sori_source_term *term, const struct sori_spelling *spelling)
{
	struct sori_linting *l = w->l;
	struct sori_view label = label_of(l, term->kind, spelling->text);
	const struct sori_place *first = met_before(w, repetition_key(l, w->scope, term, label), spelling->place);
	struct sori_name *tried;

	if (first && !l->failed)
		sori_lint_say(l, SORI_LINT_NOTE, "repeated-term", label, spelling->place, "%.*s stands already at %s:%u:%u", (int)label.length,
			      label.at, sori_lint_path(l, first->file), first->line, first->column);
	if (term->kind == 'x' || l->failed)
		return;
	tried = sori_names_put(&w->tried, label);
	if (!tried) {
		l->failed = true;
	} else if (tried->value == UINT32_MAX) {
		tried->value = 0;
		w->status = try_spelling(w, term, spelling);
	}
}

static void visit_term(struct walk *w, const struct sori_source_term *term)
{
	for (size_t i = 0; i < term->spelling_count && w->status == SORI_OK && !w->l->failed; i++)
		visit_spelling(w, term, &term->spellings[i]);
}

static void visit_sequences(struct walk *w, const struct sori_sequence *group, size_t count, unsigned depth);

static void visit_member(struct walk *w, const struct sori_member *member, unsigned depth)
{
	struct sori_view scope = w->scope;
	bool forbidding = w->forbidding;
	char own[64];

	if (member->kind == SORI_MEMBER_SET)
		return;
	if (depth > 0) { /* members of a rule may name the same word; one term's spellings may not */
		(void)snprintf(own, sizeof own, "\t%p", (const void *)member);
		w->scope = keep(w->l, sori_view_of(own));
	}
	w->forbidding |= member->forbidden;
	if (member->kind == SORI_MEMBER_TERM)
		visit_term(w, member->term);
	else
		visit_sequences(w, member->group, member->group_count, depth + 1);
	w->scope = scope;
	w->forbidding = forbidding;
}

static void visit_sequences(struct walk *w, const struct sori_sequence *group, size_t count, unsigned depth)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < group[i].count && w->status == SORI_OK; k++)
			visit_member(w, &group[i].members[k], depth);
}

/* ---- entries and sets */

static struct sori_view squeezed(struct sori_linting *l, struct sori_view category, struct sori_view source)
{
	sori_buffer_reset(&l->scratch);
	sori_buffer_add_view(&l->scratch, category);
	sori_buffer_add_byte(&l->scratch, '\n');
	for (size_t i = 0; i < source.length; i++)
		if (!(source.at[i] == ' ' || source.at[i] == '\t') || (i && source.at[i - 1] != ' ' && source.at[i - 1] != '\t'))
			sori_buffer_add_byte(&l->scratch, source.at[i] == '\t' ? ' ' : source.at[i]);
	l->failed |= l->scratch.failed;
	return keep(l, sori_buffer_view(&l->scratch));
}

/* An entry that is one term under no condition says the same as another of its category that holds the same spelling. */
static bool is_plain(const struct sori_source_entry *entry)
{
	return entry->body_count == 1 && entry->body[0].count == 1 && entry->body[0].members[0].kind == SORI_MEMBER_TERM &&
	       !entry->require_count && !entry->forbid_count && !entry->when_count && !entry->flip.length && !entry->keep_tags &&
	       !entry->drop_tags;
}

static void visit_entry(struct walk *w, const struct sori_source_entry *entry)
{
	const struct sori_place *first = met_before(w, squeezed(w->l, entry->category, entry->source), entry->place);
	bool plain = is_plain(entry);

	if (first && !w->l->failed) {
		sori_lint_say(w->l, SORI_LINT_WARNING, "duplicate-entry", entry->source, entry->place, "the same entry stands at %s:%u",
			      sori_lint_path(w->l, first->file), first->line);
		return;
	}
	w->scope = entry->category;
	visit_sequences(w, entry->body, entry->body_count, plain ? 0 : 1);
	for (size_t i = 0; i < entry->require_count; i++)
		visit_sequences(w, &entry->require[i], 1, 1);
	w->forbidding = true;
	for (size_t i = 0; i < entry->forbid_count; i++)
		visit_sequences(w, &entry->forbid[i], 1, 1);
	w->forbidding = false;
}

static void visit_set(struct walk *w, const struct sori_source_set *set)
{
	char name[80];

	(void)snprintf(name, sizeof name, "$%.*s", (int)(set->name.length < 70 ? set->name.length : 70), set->name.at);
	w->scope = keep(w->l, sori_view_of(name));
	for (size_t i = 0; i < set->count && w->status == SORI_OK; i++)
		visit_member(w, &set->items[i], 0);
}

/* ---- which sets are used: by an entry, or by a set that is */

static void use_sequences(struct walk *w, const struct sori_sequence *group, size_t count);

static void use_member(struct walk *w, const struct sori_member *member)
{
	const struct sori_source *source = &w->l->source;

	if (member->kind == SORI_MEMBER_GROUP)
		use_sequences(w, member->group, member->group_count);
	for (size_t i = 0; member->kind == SORI_MEMBER_SET && i < source->set_count; i++) {
		if (w->used[i] || !sori_view_equal(source->sets[i].name, member->set))
			continue;
		w->used[i] = true;
		for (size_t k = 0; k < source->sets[i].count; k++)
			use_member(w, &source->sets[i].items[k]);
	}
}

static void use_sequences(struct walk *w, const struct sori_sequence *group, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < group[i].count; k++)
			use_member(w, &group[i].members[k]);
}

static void mark_used(struct walk *w)
{
	const struct sori_source *source = &w->l->source;

	w->used = sori_alloc_zero(source->set_count + 1, sizeof *w->used);
	if (!w->used)
		w->l->failed = true;
	for (size_t i = 0; w->used && i < source->entry_count; i++) {
		use_sequences(w, source->entries[i].body, source->entries[i].body_count);
		use_sequences(w, source->entries[i].require, source->entries[i].require_count);
		use_sequences(w, source->entries[i].forbid, source->entries[i].forbid_count);
	}
}

static bool is_live(const struct sori_linting *l, struct sori_place place)
{
	return !l->source.files[place.file].dead;
}

/* Entries that a later folder replaced by their id= do not speak any more. */
static void mark_replaced(struct sori_linting *l)
{
	struct sori_names ids = {0};

	for (size_t i = 0; i < l->source.entry_count; i++) {
		struct sori_source_entry *entry = &l->source.entries[i];
		struct sori_name *slot = entry->id.length ? sori_names_put(&ids, entry->id) : NULL;

		if (!entry->id.length)
			continue;
		if (!slot) {
			l->failed = true;
			break;
		}
		if (slot->value != UINT32_MAX)
			l->source.entries[slot->value].dead = true;
		slot->value = (uint32_t)i;
	}
	sori_names_release(&ids);
}

enum sori_status sori_lint_spellings(struct sori_linting *l, struct sori_error *error)
{
	struct walk w = {.l = l, .error = error, .status = SORI_OK};

	mark_replaced(l);
	mark_used(&w);
	for (size_t i = 0; i < l->source.set_count && w.status == SORI_OK && !l->failed; i++)
		if (is_live(l, l->source.sets[i].place) && w.used[i])
			visit_set(&w, &l->source.sets[i]);
	for (size_t i = 0; i < l->source.entry_count && w.status == SORI_OK && !l->failed; i++)
		if (!l->source.entries[i].dead && is_live(l, l->source.entries[i].place))
			visit_entry(&w, &l->source.entries[i]);
	sori_names_release(&w.tried);
	sori_free(w.places);
	sori_free(w.used);
	return w.status;
}
