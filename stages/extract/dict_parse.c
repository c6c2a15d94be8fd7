/* Lines and directives of the dictionary language. One pass, line by line, no tokens kept: the grammar is regular
 * but for parentheses, which dict_expr.c reads by recursive descent with a bounded depth. A line that is wrong costs
 * itself only; the next is read as if it had not been. */
#include "stages/extract/dict_parse.h"

#include <stdarg.h>
#include <stdio.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

void sori_source_init(struct sori_source *source, sori_finding_fn report, void *user)
{
	*source = (struct sori_source){.report = report, .user = user};
	sori_arena_init(&source->arena, (size_t)256 * 1024);
}

void sori_source_release(struct sori_source *source)
{
	sori_arena_release(&source->arena);
	*source = (struct sori_source){0};
}

void sori_source_find(struct sori_source *source, bool error, struct sori_place place, const char *format, ...)
{
	char text[512];
	va_list arguments;
	if (source->failed)
		return; /* what is missing now is missing for want of memory */
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (error && source->errors == 0) {
		source->first_place = place;
		snprintf(source->first_text, sizeof source->first_text, "%.200s", text);
	}
	if (error)
		source->errors++;
	else
		source->warnings++;
	if (!source->report)
		return;
	const char *path = place.file < source->file_count ? source->files[place.file].path : "";
	struct sori_finding finding = {error, path, place.line, place.column, text};
	source->report(source->user, &finding);
}

bool sori_source_fail(struct sori_source *source)
{
	source->failed = true;
	return false;
}

bool sori_source_grow(struct sori_source *source, void **array, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity)
		return true;
	size_t wanted = *capacity ? *capacity * 2 : 4;
	void *grown = sori_arena_zero(&source->arena, wanted, size);
	if (!grown) {
		source->failed = true;
		return false;
	}
	if (count > 0)
		memcpy(grown, *array, count * size);
	*array = grown;
	*capacity = wanted;
	return true;
}

int sori_tag_of(struct sori_view name)
{
	if (sori_view_is(name, "plain"))
		return 0;
	for (int i = 0; i < SORI_SCOPE_TAGS; i++)
		if (sori_view_is(name, sori_tag_names[i]))
			return 1 << i;
	return -1;
}

/* What one file's reading carries from line to line. */
struct reading {
	struct sori_source *source;
	uint32_t file, line;
	struct sori_view category;
	bool in_set;    /* a continuation line may follow */
	size_t set;     /* index of that set */
};

static struct sori_cursor cursor_of(struct reading *reading, struct sori_view line)
{
	return (struct sori_cursor){.source = reading->source, .at = line.at, .end = line.at + line.length,
				    .origin = line.at, .start = line.at, .place = {reading->file, reading->line, 1}};
}

static void fault(struct sori_cursor *cursor, const char *at, const char *text)
{
	sori_source_find(cursor->source, true, sori_cursor_place(cursor, at), "%s", text);
}

/* A word up to a blank or '='. */
static struct sori_view take_word(struct sori_cursor *cursor)
{
	sori_cursor_skip(cursor);
	const char *start = cursor->at;
	while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '\t' && *cursor->at != '=')
		cursor->at++;
	return sori_view_make(start, (size_t)(cursor->at - start));
}

static bool is_category_id(struct sori_view id)
{
	if (id.length == 0 || id.length > 64)
		return false;
	for (size_t i = 0; i < id.length; i++) {
		char c = id.at[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || (c == '.' && i > 0)))
			return false;
	}
	return true;
}

static void read_count(struct sori_cursor *cursor, struct sori_source_category *category,
		       const struct sori_attribute *attribute)
{
	struct sori_view rest = attribute->value;
	category->count_given = true;
	category->count_tags = 0;
	while (rest.length > 0) {
		const char *comma = memchr(rest.at, ',', rest.length);
		size_t length = comma ? (size_t)(comma - rest.at) : rest.length;
		struct sori_view name = sori_view_trim(sori_view_make(rest.at, length));
		int tag = sori_tag_of(name);
		if (tag < 0)
			sori_source_find(cursor->source, true, sori_cursor_place(cursor, attribute->value_at),
					 "count= does not know '%.*s'; it takes plain, negated, rhetorical, hypothetical, wish, "
					 "past, resolved, attributed, question", (int)name.length, name.at);
		else
			category->count_tags |= (uint16_t)tag;
		rest = sori_view_slice(rest, length + 1, rest.length);
	}
}

static void read_category_option(struct sori_cursor *cursor, struct sori_source_category *category,
				 const struct sori_attribute *attribute)
{
	struct sori_view value = attribute->value;
	if (sori_view_is(attribute->name, "ko")) {
		category->ko = value;
	} else if (sori_view_is(attribute->name, "en")) {
		category->en = value;
	} else if (sori_view_is(attribute->name, "owner")) {
		category->owner = value;
	} else if (sori_view_is(attribute->name, "kind")) {
		category->praise = sori_view_is(value, "praise");
		category->kind_given = category->praise || sori_view_is(value, "pain");
		if (!category->kind_given)
			fault(cursor, attribute->value_at, "kind= is pain or praise");
		category->kind_given = true;
	} else if (sori_view_is(attribute->name, "sev")) {
		if (value.length == 1 && value.at[0] >= '1' && value.at[0] <= '5')
			category->severity = (uint8_t)(value.at[0] - '0');
		else
			fault(cursor, attribute->value_at, "sev= is a number from 1 to 5");
	} else if (sori_view_is(attribute->name, "count")) {
		read_count(cursor, category, attribute);
	} else {
		sori_source_find(cursor->source, true, sori_cursor_place(cursor, attribute->at),
				 "@category has no option '%.*s'; it takes ko en kind owner sev count fallback",
				 (int)attribute->name.length, attribute->name.at);
	}
}

static void read_category(struct reading *reading, struct sori_cursor *cursor)
{
	struct sori_source *source = reading->source;
	struct sori_source_category category = {.ko = {"", 0}, .en = {"", 0}, .owner = {"", 0}};
	struct sori_attribute attribute;
	sori_cursor_skip(cursor);
	category.place = sori_cursor_place(cursor, cursor->at);
	category.id = take_word(cursor);
	reading->category = category.id;
	if (!is_category_id(category.id)) {
		fault(cursor, category.id.at, "@category needs an id of a-z, 0-9, '_', '-', '.'");
		return;
	}
	for (sori_cursor_skip(cursor); cursor->at < cursor->end; sori_cursor_skip(cursor)) {
		const char *start = cursor->at;
		if (sori_cursor_attribute(cursor, &attribute)) {
			read_category_option(cursor, &category, &attribute);
			continue;
		}
		struct sori_view word = take_word(cursor);
		if (sori_view_is(word, "fallback"))
			category.fallback = true;
		else if (cursor->at == start || word.length > 0)
			fault(cursor, start, "an option of @category is name=value or fallback");
		if (cursor->at == start)
			return;
	}
	if (!category.kind_given)
		fault(cursor, cursor->start, "@category needs kind=pain or kind=praise");
	if (category.ko.length == 0 || category.en.length == 0)
		sori_source_find(source, false, category.place, "@category without ko= or en= shows its id in reports");
	struct sori_source_category *slot =
		SORI_SOURCE_PUSH(source, source->categories, source->category_count, source->category_capacity);
	if (slot)
		*slot = category;
}

static void read_in(struct reading *reading, struct sori_cursor *cursor)
{
	struct sori_source *source = reading->source;
	sori_cursor_skip(cursor);
	struct sori_place place = sori_cursor_place(cursor, cursor->at);
	reading->category = take_word(cursor);
	if (!is_category_id(reading->category)) {
		sori_source_find(source, true, place, "@in needs the id of a category");
		reading->category = (struct sori_view){"", 0};
		return;
	}
	sori_cursor_skip(cursor);
	if (cursor->at < cursor->end)
		fault(cursor, cursor->at, "nothing may follow the category id of @in");
	struct sori_source_use *use = SORI_SOURCE_PUSH(source, source->uses, source->use_count, source->use_capacity);
	if (use)
		*use = (struct sori_source_use){place, reading->category};
}

/* Alternatives, each of one term or set, into the set. */
static void read_items(struct reading *reading, struct sori_cursor *cursor)
{
	struct sori_source *source = reading->source;
	struct sori_source_set *set = &source->sets[reading->set];
	struct sori_sequence *group;
	size_t count;
	sori_cursor_skip(cursor);
	if (cursor->at == cursor->end || !sori_parse_alternatives(cursor, 0, &group, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		struct sori_member *member = group[i].count ? &group[i].members[0] : NULL;
		if (!member)
			continue;
		if (member->kind == SORI_MEMBER_GROUP && group[i].count == 1 && !member->forbidden) {
			for (size_t k = 0; k < member->group_count; k++) { /* a|b without blanks */
				struct sori_sequence *inner = &member->group[k];
				if (inner->count != 1 || inner->members[0].kind == SORI_MEMBER_GROUP || inner->members[0].forbidden) {
					sori_source_find(source, true, member->place, "a set holds terms and sets, parted by |");
					continue;
				}
				struct sori_member *item = SORI_SOURCE_PUSH(source, set->items, set->count, set->capacity);
				if (item)
					*item = inner->members[0];
			}
			continue;
		}
		if (group[i].count != 1 || member->forbidden || member->kind == SORI_MEMBER_GROUP) {
			sori_source_find(source, true, member->place, "a set holds terms and sets, parted by |");
			continue;
		}
		struct sori_member *item = SORI_SOURCE_PUSH(source, set->items, set->count, set->capacity);
		if (item)
			*item = *member;
	}
}

static bool is_set_name(struct sori_view name)
{
	for (size_t i = 0; i < name.length; i++)
		if (!((name.at[i] >= 'A' && name.at[i] <= 'Z') || (name.at[i] >= '0' && name.at[i] <= '9') || name.at[i] == '_'))
			return false;
	return name.length > 0;
}

static void read_set(struct reading *reading, struct sori_cursor *cursor)
{
	struct sori_source *source = reading->source;
	sori_cursor_skip(cursor);
	struct sori_place place = sori_cursor_place(cursor, cursor->at);
	const char *start = cursor->at;
	while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '=' && *cursor->at != '+')
		cursor->at++;
	struct sori_view name = sori_view_make(start, (size_t)(cursor->at - start));
	sori_cursor_skip(cursor);
	bool append = cursor->at < cursor->end && *cursor->at == '+';
	cursor->at += append;
	if (!is_set_name(name)) {
		sori_source_find(source, true, place, "a set name is made of A-Z, 0-9 and _");
		return;
	}
	if (cursor->at == cursor->end || *cursor->at != '=') {
		fault(cursor, cursor->at, "@set NAME is followed by = or +=");
		return;
	}
	cursor->at++;
	struct sori_source_set *set = SORI_SOURCE_PUSH(source, source->sets, source->set_count, source->set_capacity);
	if (!set)
		return;
	*set = (struct sori_source_set){.place = place, .name = name, .append = append};
	reading->set = source->set_count - 1;
	reading->in_set = true;
	read_items(reading, cursor);
}

static void read_words(struct reading *reading, struct sori_cursor *cursor, char kind)
{
	struct sori_source *source = reading->source;
	for (sori_cursor_skip(cursor); cursor->at < cursor->end; sori_cursor_skip(cursor)) {
		const char *start = cursor->at;
		while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '\t')
			cursor->at++;
		struct sori_member *word = SORI_SOURCE_PUSH(source, source->words, source->word_count, source->word_capacity);
		struct sori_source_term *term = sori_arena_zero(&source->arena, 1, sizeof *term);
		struct sori_spelling *spelling = sori_arena_zero(&source->arena, 1, sizeof *spelling);
		if (!word || !term || !spelling) {
			source->failed = true;
			return;
		}
		struct sori_place place = sori_cursor_place(cursor, start);
		*spelling = (struct sori_spelling){sori_view_make(start, (size_t)(cursor->at - start)), place};
		*term = (struct sori_source_term){.kind = kind, .left = SORI_UNSET, .right = SORI_UNSET, .place = place,
						  .label = spelling->text, .spellings = spelling, .spelling_count = 1};
		*word = (struct sori_member){.kind = SORI_MEMBER_TERM, .term = term, .place = place};
	}
}

static void read_example(struct reading *reading, struct sori_cursor *cursor)
{
	struct sori_source *source = reading->source;
	bool wanted = *cursor->at++ == '+';
	struct sori_view text;
	sori_cursor_skip(cursor);
	struct sori_place place = sori_cursor_place(cursor, cursor->at);
	if (cursor->at == cursor->end || *cursor->at != '"') {
		fault(cursor, cursor->at, "an example is + \"text\" or - \"text\"");
		return;
	}
	if (!sori_cursor_quoted(cursor, &text))
		return;
	sori_cursor_skip(cursor);
	if (cursor->at < cursor->end)
		fault(cursor, cursor->at, "nothing may follow the text of an example");
	if (text.length == 0)
		sori_source_find(source, true, place, "the example is empty");
	else if (reading->category.length == 0)
		sori_source_find(source, true, place, "an example needs a category: @category or @in before it");
	else {
		struct sori_source_example *example =
			SORI_SOURCE_PUSH(source, source->examples, source->example_count, source->example_capacity);
		if (example)
			*example = (struct sori_source_example){place, text, reading->category, wanted};
	}
}

static bool starts(const struct sori_cursor *cursor, const char *word)
{
	size_t length = strlen(word);
	return (size_t)(cursor->end - cursor->at) >= length && memcmp(cursor->at, word, length) == 0;
}

static bool is_exclusion(const struct sori_source_entry *entry)
{
	const struct sori_member *first = entry->body_count == 1 && entry->body[0].count == 1 ? entry->body[0].members : NULL;
	return first && first->kind == SORI_MEMBER_TERM && first->term->kind == 'x';
}

/* Relations are for `rule:` and for p: with gaps; a plain line is one term. */
static bool is_well_formed(struct sori_cursor *cursor, const struct sori_source_entry *entry, bool rule, char kind)
{
	bool single = entry->body_count == 1 && entry->body[0].count == 1;
	if (single || rule || kind == 'p')
		return true;
	sori_source_find(cursor->source, true, sori_cursor_place(cursor, cursor->start),
			 "several members need 'rule:' in front");
	return false;
}

static void read_entry(struct reading *reading, struct sori_cursor *cursor, struct sori_view line)
{
	struct sori_source *source = reading->source;
	struct sori_source_entry entry = {.place = sori_cursor_place(cursor, cursor->at), .source = sori_view_trim(line),
					  .category = reading->category};
	bool rule = starts(cursor, "rule:");
	char kind = *cursor->at;
	if (rule)
		cursor->at += 5;
	cursor->standard = kind == 'p' && !rule ? 'p' : 0;
	cursor->entry = &entry;
	if (!sori_parse_alternatives(cursor, 0, &entry.body, &entry.body_count) ||
	    !is_well_formed(cursor, &entry, rule, kind))
		return;
	if (entry.category.length == 0 && !is_exclusion(&entry)) {
		sori_source_find(source, true, entry.place, "an entry needs a category: @category or @in before it");
		return;
	}
	struct sori_source_entry *slot = SORI_SOURCE_PUSH(source, source->entries, source->entry_count, source->entry_capacity);
	if (slot)
		*slot = entry;
}

static void read_directive(struct reading *reading, struct sori_cursor *cursor)
{
	const char *start = cursor->at;
	struct sori_view name = take_word(cursor);
	if (sori_view_is(name, "@category"))
		read_category(reading, cursor);
	else if (sori_view_is(name, "@in"))
		read_in(reading, cursor);
	else if (sori_view_is(name, "@set"))
		read_set(reading, cursor);
	else if (sori_view_is(name, "@prefix"))
		read_words(reading, cursor, 'P');
	else if (sori_view_is(name, "@left"))
		read_words(reading, cursor, 'L');
	else
		sori_source_find(cursor->source, true, sori_cursor_place(cursor, start),
				 "unknown directive '%.*s'; there are @category @in @set @prefix @left", (int)name.length, name.at);
}

static bool starts_term(const struct sori_cursor *cursor)
{
	return cursor->end - cursor->at >= 2 && cursor->at[1] == ':' && strchr("nvapex", cursor->at[0]);
}

static void read_line(struct reading *reading, struct sori_view line)
{
	struct sori_cursor cursor = cursor_of(reading, line);
	sori_cursor_skip(&cursor);
	if (cursor.at == cursor.end) {
		reading->in_set = false;
		return;
	}
	if (*cursor.at == '|' && cursor.at > cursor.start && reading->in_set) {
		cursor.at++;
		read_items(reading, &cursor);
		return;
	}
	reading->in_set = false;
	if (*cursor.at == '|')
		fault(&cursor, cursor.at, "a line that starts with | continues a @set, with a blank before it");
	else if (*cursor.at == '@')
		read_directive(reading, &cursor);
	else if (*cursor.at == '+' || *cursor.at == '-')
		read_example(reading, &cursor);
	else if (starts(&cursor, "rule:") || starts_term(&cursor))
		read_entry(reading, &cursor, line);
	else
		fault(&cursor, cursor.at, "a line begins with n: v: a: p: e: x: rule: + - @ or #");
}

/* Cuts a comment off: # at the start or after a blank, outside double quotes. */
static struct sori_view without_comment(struct sori_view line)
{
	bool quoted = false;
	for (size_t i = 0; i < line.length; i++) {
		if (quoted && line.at[i] == '\\')
			i++;
		else if (line.at[i] == '"')
			quoted = !quoted;
		else if (line.at[i] == '#' && !quoted && (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
			return sori_view_slice(line, 0, i);
	}
	return line;
}

static struct sori_view without_end(struct sori_view line)
{
	while (line.length > 0 && strchr(" \t\r", line.at[line.length - 1]))
		line.length--;
	return line;
}

static void read_checked(struct reading *reading, struct sori_view line)
{
	struct sori_place place = {reading->file, reading->line, 1};
	bool blank = sori_view_trim(line).length == 0;
	if (!sori_utf8_is_valid(line)) {
		sori_source_find(reading->source, true, place, "the line is not valid UTF-8");
	} else if (line.length && memchr(line.at, '\0', line.length)) {
		sori_source_find(reading->source, true, place, "the line holds a NUL byte");
	} else {
		struct sori_view bare = without_end(without_comment(line));
		if (bare.length > 0 || blank) /* a comment line does not end a set */
			read_line(reading, bare);
	}
}

void sori_source_parse(struct sori_source *source, uint32_t file)
{
	struct sori_view rest = source->files[file].bytes;
	struct reading reading = {.source = source, .file = file, .category = {"", 0}};
	if (rest.length >= 3 && memcmp(rest.at, "\xef\xbb\xbf", 3) == 0)
		rest = sori_view_slice(rest, 3, rest.length);
	while (rest.length > 0 && !source->failed) {
		const char *end = memchr(rest.at, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.at) : rest.length;
		reading.line++;
		read_checked(&reading, sori_view_make(rest.at, length));
		rest = sori_view_slice(rest, length + 1, rest.length);
	}
}
