/* Out of a dictionary. CSV and YAML are made from the tree of the source, in the author's words; the formats of patterns from
 * the compiled forms, since those programs do not conjugate: 끊기다 becomes 끊기*, 끊긴*, 끊겨*, 끊겼* … */
#include "pipeline/cli/exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "stages/extract/syllable.h"

struct exporting {
	struct sori_exchange *out;
	const struct sori_dictionary *dictionary;
	const struct sori_source *source;
	uint32_t *set_first, *set_terms;   /* terms of each set */
	uint32_t *form_first, *form_order; /* forms of each term */
};

/* ---- the exchange itself */

void sori_exchange_init(struct sori_exchange *exchange)
{
	*exchange = (struct sori_exchange){.category_count = 0};
	sori_arena_init(&exchange->arena, (size_t)64 * 1024);
	sori_buffer_init(&exchange->losses, (size_t)1 << 28);
}

void sori_exchange_release(struct sori_exchange *exchange)
{
	sori_free(exchange->categories);
	sori_free(exchange->items);
	sori_free(exchange->lines);
	sori_buffer_release(&exchange->losses);
	sori_arena_release(&exchange->arena);
}

enum sori_exchange_format sori_exchange_format_of(const char *name)
{
	static const char *const names[] = {"csv", "yaml", "liwc", "ykd", "cat"};
	int format = 0;

	while (format < SORI_EXCHANGE_COUNT && strcmp(name, names[format]) != 0)
		format++;
	return (enum sori_exchange_format)format;
}

struct sori_view sori_exchange_keep(struct sori_exchange *exchange, struct sori_view text)
{
	struct sori_view copy = sori_arena_copy(&exchange->arena, text);

	exchange->failed |= text.length && !copy.at;
	return copy.at ? copy : sori_view_of("");
}

size_t sori_exchange_category(struct sori_exchange *exchange, struct sori_view path)
{
	for (size_t i = 0; i < exchange->category_count; i++)
		if (sori_view_equal(exchange->categories[i].path, path))
			return i;
	if (SORI_GROW(exchange->categories, exchange->category_capacity, exchange->category_count + 1) != 0) {
		exchange->failed = true;
		return SORI_EXCHANGE_NONE;
	}
	exchange->categories[exchange->category_count] = (struct sori_exchange_category){
		.path = sori_exchange_keep(exchange, path), .ko = {"", 0}, .en = {"", 0}, .owner = {"", 0}};
	return exchange->category_count++;
}

void sori_exchange_add(struct sori_exchange *exchange, struct sori_exchange_item item)
{
	if (item.category == SORI_EXCHANGE_NONE ||
	    SORI_GROW(exchange->items, exchange->item_capacity, exchange->item_count + 1) != 0) {
		exchange->failed = true;
		return;
	}
	item.text = sori_exchange_keep(exchange, item.text);
	item.options = sori_exchange_keep(exchange, item.options);
	exchange->items[exchange->item_count++] = item;
}

void sori_exchange_lose(struct sori_exchange *exchange, const char *format, ...)
{
	char text[600];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	sori_buffer_add_view(&exchange->losses, sori_view_make(text, sori_utf8_valid_prefix(sori_view_of(text))));
	sori_buffer_add_byte(&exchange->losses, '\n');
	exchange->loss_count++;
}

/* ---- from the source tree */

static int shown(struct sori_view text)
{
	return (int)sori_utf8_valid_prefix(sori_view_slice(text, 0, 160));
}

static void lose_entry(struct exporting *e, const struct sori_source_entry *entry, const char *why)
{
	sori_exchange_lose(e->out, "%.*s:%u: %s: %.*s", (int)e->source->files[entry->place.file].name.length,
			   e->source->files[entry->place.file].name.at, entry->place.line, why, shown(entry->source), entry->source.at);
}

static void add_option(struct sori_buffer *out, const char *name, struct sori_view value)
{
	bool quoted = value.length == 0;

	for (size_t i = 0; i < value.length; i++)
		quoted |= strchr(" ,|()", value.at[i]) != NULL;
	sori_buffer_add_format(out, "%s%s=%s", out->length ? " " : "", name, quoted ? "\"" : "");
	sori_buffer_add_view(out, value);
	sori_buffer_add_text(out, quoted ? "\"" : "");
}

static void add_tags(struct sori_buffer *out, uint16_t tags, const char *value)
{
	static const struct {
		uint16_t tag;
		const char *name;
	} names[] = {{SORI_TAG_NEGATED, "neg"}, {SORI_TAG_HYPOTHETICAL, "hyp"}, {SORI_TAG_PAST, "past"}, {SORI_TAG_WISH, "wish"},
		     {SORI_TAG_QUESTION, "ask"}, {SORI_TAG_ATTRIBUTED, "attr"}, {SORI_TAG_RESOLVED, "resolved"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (tags & names[i].tag)
			add_option(out, names[i].name, sori_view_of(value));
}

/* Options of the term and of its entry, as they are written. */
static void add_options(struct sori_buffer *out, const struct sori_source_entry *entry, const struct sori_source_term *term)
{
	static const char *const lefts[] = {"strict", "own", "any"}, *const rights[] = {"josa", "suffix", "open", "any"};
	char severity[2] = {(char)('0' + entry->severity), '\0'};
	struct sori_buffer words;

	if (term->left != SORI_UNSET)
		add_option(out, "left", sori_view_of(lefts[term->left]));
	if (term->right != SORI_UNSET)
		add_option(out, "tail", sori_view_of(rights[term->right]));
	if (term->upper)
		add_option(out, "case", sori_view_of("upper"));
	if (term->no_root)
		add_option(out, "root", sori_view_of("no"));
	if (term->loose)
		sori_buffer_add_text(out, out->length ? " loose" : "loose");
	sori_buffer_init(&words, (size_t)1 << 16);
	for (size_t i = 0; i < term->ex_count; i++) {
		sori_buffer_add_text(&words, i ? "," : "");
		sori_buffer_add_view(&words, term->ex[i]);
	}
	if (term->ex_count) {
		sori_buffer_add_text(&words, ","); /* so that one word is quoted as well */
		words.length--;
		sori_buffer_add_format(out, "%sex=\"", out->length ? " " : "");
		sori_buffer_add_view(out, sori_buffer_view(&words));
		sori_buffer_add_byte(out, '"');
	}
	sori_buffer_release(&words);
	if (entry->flip.length) {
		sori_buffer_add_format(out, "%sneg=flip:", out->length ? " " : "");
		sori_buffer_add_view(out, entry->flip);
	}
	add_tags(out, entry->keep_tags, "keep");
	add_tags(out, entry->drop_tags, "drop");
	if (entry->severity)
		add_option(out, "sev", sori_view_of(severity));
}

static const struct sori_source_term *single_term(const struct sori_source_entry *entry)
{
	const struct sori_member *member = entry->body_count == 1 && entry->body[0].count == 1 ? entry->body[0].members : NULL;

	return member && member->kind == SORI_MEMBER_TERM && !member->forbidden ? member->term : NULL;
}

static void add_rows(struct exporting *e, const struct sori_source_entry *entry, size_t category)
{
	const struct sori_source_term *term = single_term(entry);
	struct sori_buffer options;

	if (!term) {
		lose_entry(e, entry, "rule");
		return;
	}
	if (entry->require_count || entry->when_count) {
		lose_entry(e, entry, entry->require_count ? "req=" : "when=");
		return;
	}
	if (entry->forbid_count)
		lose_entry(e, entry, "not= is left out");
	sori_buffer_init(&options, (size_t)1 << 16);
	add_options(&options, entry, term);
	for (size_t i = 0; i < term->spelling_count; i++)
		sori_exchange_add(e->out, (struct sori_exchange_item){.category = category, .kind = term->kind, .text = sori_view_trim(term->spellings[i].text),
								       .options = sori_buffer_view(&options)});
	e->out->failed |= options.failed;
	sori_buffer_release(&options);
}

static void add_line(struct exporting *e, struct sori_view line)
{
	struct sori_exchange *out = e->out;

	if (SORI_GROW(out->lines, out->line_capacity, out->line_count + 1) != 0)
		out->failed = true;
	else
		out->lines[out->line_count++] = sori_exchange_keep(out, line);
}

/* The lines of a set as they stand in the file, joined. */
static void add_set(struct exporting *e, const struct sori_source_set *set)
{
	struct sori_view rest = e->source->files[set->place.file].bytes;
	struct sori_buffer text;
	bool inside = false;

	sori_buffer_init(&text, (size_t)1 << 24);
	for (uint32_t number = 1; rest.length; number++) {
		const char *end = memchr(rest.at, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.at) : rest.length;
		struct sori_view line = sori_view_trim(sori_view_slice(rest, 0, length));

		rest = sori_view_slice(rest, length + 1, rest.length);
		for (size_t i = 1; i < line.length; i++)
			if (line.at[i] == '#' && line.at[i - 1] == ' ')
				line = sori_view_trim(sori_view_slice(line, 0, i));
		if (number == set->place.line)
			inside = true;
		else if (inside && line.length && *line.at == '#')
			continue;
		else if (inside && !(line.length && *line.at == '|'))
			break;
		if (!inside)
			continue;
		sori_buffer_add_text(&text, text.length ? " " : "");
		sori_buffer_add_view(&text, line);
	}
	e->out->failed |= text.failed;
	add_line(e, sori_buffer_view(&text));
	sori_buffer_release(&text);
}

static void add_glue(struct exporting *e)
{
	for (size_t i = 0; i < e->source->word_count; i++) {
		const struct sori_source_term *term = e->source->words[i].term;
		char line[200];

		(void)snprintf(line, sizeof line, "%s %.*s", term->kind == 'P' ? "@prefix" : "@left", (int)term->label.length, term->label.at);
		add_line(e, sori_view_of(line));
	}
}

static size_t category_of(struct exporting *e, struct sori_view id)
{
	size_t number = sori_exchange_category(e->out, id);

	for (size_t i = 0; number != SORI_EXCHANGE_NONE && i < e->dictionary->catalog.count; i++) {
		const struct sori_category *c = &e->dictionary->catalog.categories[i];

		if (sori_view_is(id, c->id))
			e->out->categories[number] = (struct sori_exchange_category){
				.path = e->out->categories[number].path, .ko = sori_view_of(c->ko), .en = sori_view_of(c->en),
				.owner = sori_view_of(c->owner), .praise = c->praise, .fallback = c->fallback, .severity = c->severity,
				.has_tags = true, .count_tags = c->count_tags};
	}
	return number;
}

static void from_source(struct exporting *e, bool all)
{
	for (size_t i = 0; i < e->source->set_count && all; i++)
		add_set(e, &e->source->sets[i]);
	if (all)
		add_glue(e);
	else if (e->source->word_count)
		sori_exchange_lose(e->out, "%zu words of @prefix and @left", e->source->word_count);
	for (size_t i = 0; i < e->source->entry_count; i++) {
		const struct sori_source_entry *entry = &e->source->entries[i];
		const struct sori_source_term *term = single_term(entry);
		bool exclusion = term && term->kind == 'x';

		if (entry->dead || e->source->files[entry->place.file].dead)
			continue;
		if (all && exclusion)
			add_line(e, entry->source);
		else if (all)
			sori_exchange_add(e->out, (struct sori_exchange_item){.category = category_of(e, entry->category), .kind = 'l', .text = entry->source});
		else
			add_rows(e, entry, exclusion && !entry->category.length ? sori_exchange_category(e->out, sori_view_of("-")) : category_of(e, entry->category));
	}
	for (size_t i = 0; all && i < e->source->example_count; i++) {
		const struct sori_source_example *example = &e->source->examples[i];
		struct sori_buffer line;

		sori_buffer_init(&line, (size_t)1 << 20);
		sori_buffer_add_text(&line, example->wanted ? "+ \"" : "- \"");
		for (size_t k = 0; k < example->text.length; k++) {
			if (example->text.at[k] == '"' || example->text.at[k] == '\\')
				sori_buffer_add_byte(&line, '\\');
			sori_buffer_add_byte(&line, example->text.at[k]);
		}
		sori_buffer_add_byte(&line, '"');
		sori_exchange_add(e->out, (struct sori_exchange_item){.category = category_of(e, example->category), .kind = 'l', .text = sori_buffer_view(&line)});
		e->out->failed |= line.failed;
		sori_buffer_release(&line);
	}
	if (!all && e->source->set_count)
		sori_exchange_lose(e->out, "%zu sets", e->source->set_count);
}

/* ---- from compiled forms */

static bool invert(struct exporting *e)
{
	const struct sori_dictionary *d = e->dictionary;
	size_t total = 0;

	for (uint32_t t = 0; t < d->term_count; t++)
		total += d->terms[t].set_count;
	e->set_first = sori_alloc_zero((size_t)d->set_count + 3, sizeof *e->set_first);
	e->form_first = sori_alloc_zero((size_t)d->term_count + 3, sizeof *e->form_first);
	e->set_terms = sori_alloc_zero(total + 1, sizeof *e->set_terms);
	e->form_order = sori_alloc_zero((size_t)d->form_count + 1, sizeof *e->form_order);
	if (!e->set_first || !e->form_first || !e->set_terms || !e->form_order)
		return false;
	for (uint32_t t = 0; t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++)
			e->set_first[d->term_sets[d->terms[t].set_first + k] + 2]++;
	for (uint32_t s = 0; s < d->set_count; s++)
		e->set_first[s + 2] += e->set_first[s + 1];
	for (uint32_t t = 0; t < d->term_count; t++)
		for (uint32_t k = 0; k < d->terms[t].set_count; k++)
			e->set_terms[e->set_first[d->term_sets[d->terms[t].set_first + k] + 1]++] = t;
	for (uint32_t f = 0; f < d->form_count; f++)
		e->form_first[d->forms[f].term + 2]++;
	for (uint32_t t = 0; t < d->term_count; t++)
		e->form_first[t + 2] += e->form_first[t + 1];
	for (uint32_t f = 0; f < d->form_count; f++)
		e->form_order[e->form_first[d->forms[f].term + 1]++] = f;
	return true;
}

static void add_pattern(struct exporting *e, size_t category, struct sori_view text, bool star)
{
	char pattern[300];

	if (text.length + 2 > sizeof pattern)
		return;
	memcpy(pattern, text.at, text.length);
	if (star)
		pattern[text.length] = '*';
	sori_exchange_add(e->out, (struct sori_exchange_item){.category = category, .text = sori_view_make(pattern, text.length + star)});
}

/* An open form also ends in the finals that begin an ending: ㄴ ㄹ ㅁ ㅂ after stems, ㅆ after 아/어. */
static void add_form(struct exporting *e, size_t category, const struct sori_form *form)
{
	static const unsigned stem_finals[] = {4, 8, 16, 17}, past_final[] = {20};
	const unsigned *finals = form->tail == SORI_TAIL_A ? past_final : stem_finals;
	size_t count = !form->open || form->tail == SORI_TAIL_NOUN ? 0 : form->tail == SORI_TAIL_A ? 1 : 4;
	char text[260];

	add_pattern(e, category, form->text, form->tail != SORI_TAIL_WORD);
	if (!count || form->text.length + 1 > sizeof text)
		return;
	for (size_t i = 0; i < count; i++) {
		memcpy(text, form->text.at, form->text.length);
		(void)sori_utf8_encode(sori_last_point(form->text, NULL) + finals[i], text + form->text.length - 3);
		add_pattern(e, category, sori_view_make(text, form->text.length), true);
	}
}

static bool is_simple(const struct sori_rule *rule)
{
	return rule->slot_count == 1 && !rule->slots[0].context && !rule->when_count;
}

static void from_forms(struct exporting *e)
{
	const struct sori_dictionary *d = e->dictionary;
	size_t boundaries = 0, exclusions = 0;

	for (uint32_t r = 0; r < d->rule_count; r++) {
		const struct sori_rule *rule = &d->rules[r];
		const struct sori_entry *entry = &d->entries[rule->entry];
		size_t category;

		if (!is_simple(rule) || rule->forbid_count) {
			if (r == 0 || d->rules[r - 1].entry != rule->entry)
				sori_exchange_lose(e->out, "%.*s: %s: %.*s", (int)entry->id.length, entry->id.at,
						   !is_simple(rule) ? "rule or condition" : "not= is left out", shown(entry->source), entry->source.at);
			if (!is_simple(rule))
				continue;
		}
		category = category_of(e, sori_view_of(d->catalog.categories[entry->category].id));
		for (uint32_t t = e->set_first[rule->slots[0].set]; t < e->set_first[rule->slots[0].set + 1]; t++) {
			uint32_t term = e->set_terms[t];

			boundaries += d->terms[term].left != SORI_LEFT_STRICT || d->terms[term].ex_count;
			for (uint32_t f = e->form_first[term]; f < e->form_first[term + 1]; f++)
				add_form(e, category, &d->forms[e->form_order[f]]);
		}
	}
	for (uint32_t t = 0; t < d->term_count; t++)
		exclusions += d->terms[t].kind >= SORI_TERM_EXCLUSION;
	sori_exchange_lose(e->out, "%zu terms: what may stand glued on their left, and ex=", boundaries);
	sori_exchange_lose(e->out, "%zu exclusions and gluing words", exclusions);
	sori_exchange_lose(e->out, "negation, questions, wishes and all other scope; severity, owner and labels");
}

static int compare_items(const void *left, const void *right)
{
	const struct sori_exchange_item *a = left, *b = right;

	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	return sori_view_compare(a->text, b->text);
}

static int compare_order(const void *left, const void *right)
{
	const struct sori_exchange_item *a = left, *b = right;

	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* By category, as written within it. */
static void sort_rows(struct sori_exchange *out)
{
	for (size_t i = 0; i < out->item_count; i++)
		out->items[i].line = (uint32_t)i;
	if (out->item_count)
		qsort(out->items, out->item_count, sizeof *out->items, compare_order);
}

static void sort_patterns(struct sori_exchange *out)
{
	size_t kept = 0;

	if (out->item_count)
		qsort(out->items, out->item_count, sizeof *out->items, compare_items);
	for (size_t i = 0; i < out->item_count; i++)
		if (!kept || compare_items(&out->items[kept - 1], &out->items[i]) != 0)
			out->items[kept++] = out->items[i];
	out->item_count = kept;
}

bool sori_exchange_from(struct sori_exchange *exchange, const struct sori_dictionary *dictionary, const struct sori_source *source,
			enum sori_exchange_format format)
{
	struct exporting e = {.out = exchange, .dictionary = dictionary, .source = source};

	for (size_t i = 0; i < dictionary->catalog.count; i++)
		(void)category_of(&e, sori_view_of(dictionary->catalog.categories[i].id));
	if (format <= SORI_EXCHANGE_YAML) {
		from_source(&e, format == SORI_EXCHANGE_YAML);
		sort_rows(exchange);
	} else if (invert(&e)) {
		from_forms(&e);
		sort_patterns(exchange);
	} else {
		exchange->failed = true;
	}
	sori_free(e.set_first);
	sori_free(e.set_terms);
	sori_free(e.form_first);
	sori_free(e.form_order);
	return !exchange->failed && !exchange->losses.failed;
}

/* ---- writing */

static void write_csv(const struct sori_exchange *x, struct sori_buffer *out)
{
	sori_buffer_add_text(out, "category,kind,term,options,ko,en,praise,severity,owner\n");
	for (size_t i = 0; i < x->item_count; i++) {
		const struct sori_exchange_item *item = &x->items[i];
		const struct sori_exchange_category *c = &x->categories[item->category];
		const struct sori_view cells[] = {c->path, sori_view_make(&item->kind, 1), item->text, item->options, c->ko, c->en};

		for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
			sori_buffer_add_csv(out, cells[k], true);
			sori_buffer_add_byte(out, ',');
		}
		sori_buffer_add_format(out, "%s,%u,", c->praise ? "yes" : "no", c->severity);
		sori_buffer_add_csv(out, c->owner, true);
		sori_buffer_add_byte(out, '\n');
	}
}

void sori_exchange_add_tags(struct sori_buffer *out, unsigned tags)
{
	sori_buffer_add_text(out, "plain");
	for (unsigned i = 0; i < SORI_SCOPE_TAGS; i++)
		if (tags >> i & 1)
			sori_buffer_add_format(out, ",%s", sori_tag_names[i]);
}

/* YAML's double quotes take JSON strings. */
static void write_yaml_category(const struct sori_exchange *x, size_t number, struct sori_buffer *out)
{
	const struct sori_exchange_category *c = &x->categories[number];

	sori_buffer_add_format(out, "  %.*s:\n    ko: ", (int)c->path.length, c->path.at);
	sori_buffer_add_json(out, c->ko);
	sori_buffer_add_text(out, "\n    en: ");
	sori_buffer_add_json(out, c->en);
	sori_buffer_add_format(out, "\n    kind: %s\n", c->praise ? "praise" : "pain");
	if (c->owner.length) {
		sori_buffer_add_text(out, "    owner: ");
		sori_buffer_add_json(out, c->owner);
		sori_buffer_add_byte(out, '\n');
	}
	if (c->severity)
		sori_buffer_add_format(out, "    severity: %u\n", c->severity);
	sori_buffer_add_text(out, "    count: ");
	sori_exchange_add_tags(out, c->count_tags);
	sori_buffer_add_text(out, c->fallback ? "\n    fallback: yes\n    entries:\n" : "\n    entries:\n");
	for (size_t i = 0; i < x->item_count; i++) {
		if (x->items[i].category != number)
			continue;
		sori_buffer_add_text(out, "      - ");
		sori_buffer_add_json(out, x->items[i].text);
		sori_buffer_add_byte(out, '\n');
	}
}

static void write_yaml(const struct sori_exchange *x, struct sori_buffer *out)
{
	sori_buffer_add_text(out, "# A dictionary of sori: entries are lines of its language. Comments are not carried over.\n");
	if (x->line_count)
		sori_buffer_add_text(out, "lines:\n");
	for (size_t i = 0; i < x->line_count; i++) {
		sori_buffer_add_text(out, "  - ");
		sori_buffer_add_json(out, x->lines[i]);
		sori_buffer_add_byte(out, '\n');
	}
	sori_buffer_add_text(out, "categories:\n");
	for (size_t i = 0; i < x->category_count; i++)
		write_yaml_category(x, i, out);
}

struct shared { /* a pattern and one of its categories */
	struct sori_view text;
	size_t category;
};

static int compare_shared(const void *left, const void *right)
{
	const struct shared *a = left, *b = right;
	int order = sori_view_compare(a->text, b->text);

	return order ? order : a->category < b->category ? -1 : a->category > b->category;
}

static void write_liwc(const struct sori_exchange *x, struct sori_buffer *out)
{
	struct shared *all = sori_alloc((x->item_count + 1) * sizeof *all);

	if (!all) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < x->item_count; i++)
		all[i] = (struct shared){x->items[i].text, x->items[i].category};
	if (x->item_count)
		qsort(all, x->item_count, sizeof *all, compare_shared);
	sori_buffer_add_text(out, "%\n");
	for (size_t i = 0; i < x->category_count; i++)
		sori_buffer_add_format(out, "%zu\t%.*s\n", i + 1, (int)x->categories[i].path.length, x->categories[i].path.at);
	sori_buffer_add_text(out, "%\n");
	for (size_t i = 0, next; i < x->item_count; i = next) {
		sori_buffer_add_view(out, all[i].text);
		for (next = i; next < x->item_count && sori_view_equal(all[next].text, all[i].text); next++)
			sori_buffer_add_format(out, "\t%zu", all[next].category + 1);
		sori_buffer_add_byte(out, '\n');
	}
	sori_free(all);
}

/* -- may not stand in an XML comment. */
static void write_losses_comment(const struct sori_exchange *x, struct sori_buffer *out)
{
	sori_buffer_add_text(out, "<!-- not carried over:\n");
	for (size_t i = 0; i < x->losses.length; i++) {
		bool dashes = x->losses.at[i] == '-' && i + 1 < x->losses.length && x->losses.at[i + 1] == '-';

		sori_buffer_add_byte(out, dashes ? '=' : (unsigned char)x->losses.at[i] < ' ' && x->losses.at[i] != '\n' ? ' ' : x->losses.at[i]);
	}
	sori_buffer_add_text(out, "-->\n");
}

/* Dots in ids become levels. Categories are in byte order, so that those of one parent stand together. */
static size_t same_levels(struct sori_view a, struct sori_view b)
{
	size_t levels = 0;

	for (size_t i = 0; i < a.length && i < b.length && a.at[i] == b.at[i]; i++)
		levels += a.at[i] == '.';
	return levels;
}

static size_t level_count(struct sori_view path)
{
	size_t levels = 0;

	for (size_t i = 0; i < path.length; i++)
		levels += path.at[i] == '.';
	return levels;
}

static struct sori_view level_name(struct sori_view path, size_t level)
{
	size_t start = 0, length = 0;

	for (; level; level--)
		start += (size_t)((const char *)memchr(path.at + start, '.', path.length - start) - (path.at + start)) + 1;
	while (start + length < path.length && path.at[start + length] != '.')
		length++;
	return sori_view_slice(path, start, length);
}

static void indent(struct sori_buffer *out, size_t depth, const char *by)
{
	while (depth--)
		sori_buffer_add_text(out, by);
}

static void write_ykd(const struct sori_exchange *x, struct sori_buffer *out)
{
	size_t open = 0;

	sori_buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	write_losses_comment(x, out);
	sori_buffer_add_text(out, "<dictionary style=\"050805\">\n<cnode name=\"sori\">\n");
	for (size_t c = 0; c < x->category_count; c++) {
		struct sori_view path = x->categories[c].path;
		size_t same = c ? same_levels(x->categories[c - 1].path, path) : 0, levels = level_count(path);

		for (; open > same; open--) {
			indent(out, open, "  ");
			sori_buffer_add_text(out, "</cnode>\n");
		}
		for (size_t level = same; level <= levels; level++, open++) {
			indent(out, level + 1, "  ");
			sori_buffer_add_text(out, "<cnode name=\"");
			sori_buffer_add_markup(out, level_name(path, level));
			sori_buffer_add_text(out, "\">\n");
		}
		for (size_t i = 0; i < x->item_count; i++) {
			if (x->items[i].category != c)
				continue;
			indent(out, levels + 2, "  ");
			sori_buffer_add_text(out, "<pnode name=\"");
			sori_buffer_add_markup(out, x->items[i].text);
			sori_buffer_add_text(out, "\"/>\n");
		}
	}
	for (; open; open--) {
		indent(out, open, "  ");
		sori_buffer_add_text(out, "</cnode>\n");
	}
	sori_buffer_add_text(out, "</cnode>\n</dictionary>\n");
}

static void write_cat(const struct sori_exchange *x, struct sori_buffer *out)
{
	for (size_t c = 0; c < x->category_count; c++) {
		struct sori_view path = x->categories[c].path;
		size_t same = c ? same_levels(x->categories[c - 1].path, path) : 0, levels = level_count(path);

		for (size_t level = same; level <= levels; level++) {
			indent(out, level, "\t");
			sori_buffer_add_view(out, level_name(path, level));
			sori_buffer_add_byte(out, '\n');
		}
		for (size_t i = 0; i < x->item_count; i++) {
			if (x->items[i].category != c)
				continue;
			indent(out, levels + 1, "\t");
			for (size_t k = 0; k < x->items[i].text.length; k++)
				sori_buffer_add_byte(out, x->items[i].text.at[k] == ' ' ? '_' : x->items[i].text.at[k]);
			sori_buffer_add_text(out, " (1)\n");
		}
	}
}

void sori_exchange_write(const struct sori_exchange *exchange, enum sori_exchange_format format, struct sori_buffer *out)
{
	static void (*const writers[])(const struct sori_exchange *, struct sori_buffer *) = {write_csv, write_yaml, write_liwc,
												 write_ykd, write_cat};

	if (format < SORI_EXCHANGE_COUNT)
		writers[format](exchange, out);
}
