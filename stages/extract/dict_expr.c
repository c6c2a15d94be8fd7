/* Expressions, terms and options of the dictionary language: recursive descent, parentheses at most 8 deep.
 *
 *   alternatives = sequence { '|' sequence }
 *   sequence     = member { relation member }           relation: & > ~k <k>
 *   member       = ['!'] ( term | $SET | '(' alternatives ')' ) { '|' member }     a '|' without blanks binds tighter
 *   term         = kind ':' spelling { '=' | ',' spelling } { option }
 *
 * A spelling may hold blanks (e:drop out), so it ends where something else begins: an operator after a blank, an option,
 * a bar or a parenthesis. */
#include "stages/extract/dict_parse.h"

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define DEPTH_LIMIT 8

enum option { OPTION_NONE, OPTION_LEFT, OPTION_TAIL, OPTION_NEG, OPTION_HYP, OPTION_PAST, OPTION_WISH, OPTION_ASK,
	      OPTION_ATTR, OPTION_RESOLVED, OPTION_REQ, OPTION_NOT, OPTION_EX, OPTION_WITHIN, OPTION_WHEN, OPTION_ROOT,
	      OPTION_CASE, OPTION_ID, OPTION_SEV, OPTION_COUNT };

static const char *const option_names[OPTION_COUNT] = {"", "left", "tail", "neg", "hyp", "past", "wish", "ask", "attr",
	"resolved", "req", "not", "ex", "within", "when", "root", "case", "id", "sev"};

struct sori_place sori_cursor_place(struct sori_cursor *cursor, const char *at)
{
	for (; cursor->origin < at; cursor->origin++)
		cursor->place.column += ((unsigned char)*cursor->origin & 0xc0) != 0x80;
	for (; cursor->origin > at; cursor->origin--)
		cursor->place.column -= ((unsigned char)cursor->origin[-1] & 0xc0) != 0x80;
	return cursor->place;
}

static bool fault(struct sori_cursor *cursor, const char *at, const char *text)
{
	sori_source_find(cursor->source, true, sori_cursor_place(cursor, at), "%s", text);
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void sori_cursor_skip(struct sori_cursor *cursor)
{
	while (cursor->at < cursor->end && is_blank(*cursor->at))
		cursor->at++;
}

static char peek(const struct sori_cursor *cursor, size_t ahead)
{
	return (size_t)(cursor->end - cursor->at) > ahead ? cursor->at[ahead] : '\0';
}

bool sori_cursor_quoted(struct sori_cursor *cursor, struct sori_view *text)
{
	const char *start = ++cursor->at;
	char *copy = sori_arena_alloc(&cursor->source->arena, (size_t)(cursor->end - start) + 1);
	size_t length = 0;
	if (!copy) {
		cursor->source->failed = true;
		return false;
	}
	while (cursor->at < cursor->end && *cursor->at != '"') {
		if (*cursor->at == '\\' && cursor->end - cursor->at > 1 && (cursor->at[1] == '"' || cursor->at[1] == '\\'))
			cursor->at++;
		copy[length++] = *cursor->at++;
	}
	copy[length] = '\0';
	*text = sori_view_make(copy, length);
	if (cursor->at == cursor->end)
		return fault(cursor, start - 1, "the double quote is not closed");
	cursor->at++;
	return true;
}

static size_t name_length(const struct sori_cursor *cursor, const char *at)
{
	size_t length = 0;
	while (at + length < cursor->end && ((at[length] >= 'a' && at[length] <= 'z') || at[length] == '_'))
		length++;
	return length;
}

bool sori_cursor_attribute(struct sori_cursor *cursor, struct sori_attribute *attribute)
{
	size_t length = name_length(cursor, cursor->at);
	if (length == 0 || peek(cursor, length) != '=')
		return false;
	attribute->at = cursor->at;
	attribute->name = sori_view_make(cursor->at, length);
	cursor->at += length + 1;
	attribute->value_at = cursor->at;
	if (peek(cursor, 0) == '"') {
		attribute->value_at++;
		if (!sori_cursor_quoted(cursor, &attribute->value))
			attribute->value = (struct sori_view){"", 0};
		return true;
	}
	const char *start = cursor->at;
	while (cursor->at < cursor->end && !is_blank(*cursor->at) && *cursor->at != ')')
		cursor->at++;
	attribute->value = sori_view_make(start, (size_t)(cursor->at - start));
	return true;
}

static bool begins(const struct sori_cursor *cursor, const char *at, const char *word)
{
	size_t length = strlen(word);
	return (size_t)(cursor->end - at) >= length && memcmp(at, word, length) == 0;
}

/* Does what stands behind the = look like a value of this option? Only then is the word before it an option and no English
 * word: e:not resolved=unresolved has variants. */
static bool is_value_of(const struct sori_cursor *cursor, enum option option, const char *at)
{
	static const char *const starts[OPTION_COUNT][5] = {[OPTION_LEFT] = {"strict", "own", "any"},
		[OPTION_TAIL] = {"josa", "suffix", "open", "any"}, [OPTION_NEG] = {"drop", "keep", "flip:"},
		[OPTION_HYP] = {"drop", "keep"}, [OPTION_PAST] = {"drop", "keep"}, [OPTION_WISH] = {"drop", "keep"},
		[OPTION_ASK] = {"drop", "keep"}, [OPTION_ATTR] = {"drop", "keep"}, [OPTION_RESOLVED] = {"drop", "keep"},
		[OPTION_REQ] = {"\"", "$"}, [OPTION_NOT] = {"\"", "$"}, [OPTION_EX] = {"\""}, [OPTION_WHEN] = {"\""},
		[OPTION_WITHIN] = {"clause", "sentence", "record"}, [OPTION_CASE] = {"upper"}, [OPTION_ROOT] = {"no", "yes"},
		[OPTION_SEV] = {"1", "2", "3", "4"}};
	if (option == OPTION_ID || (option == OPTION_SEV && begins(cursor, at, "5")))
		return true;
	for (int i = 0; i < 5 && starts[option][i]; i++)
		if (begins(cursor, at, starts[option][i]))
			return true;
	return false;
}

static enum option option_at(const struct sori_cursor *cursor, const char *at)
{
	size_t length = name_length(cursor, at);
	if (length == 0 || at + length >= cursor->end || at[length] != '=')
		return OPTION_NONE;
	for (int i = 1; i < OPTION_COUNT; i++)
		if (sori_view_is(sori_view_make(at, length), option_names[i]))
			return (enum option)i;
	return OPTION_NONE;
}

static bool is_loose_at(const struct sori_cursor *cursor, const char *at)
{
	return cursor->end - at >= 5 && memcmp(at, "loose", 5) == 0 &&
	       (at + 5 == cursor->end || is_blank(at[5]) || at[5] == '|' || at[5] == ')');
}

/* ---- spellings */

/* Does a term, a set or a parenthesis begin here? */
static bool starts_member(const struct sori_cursor *cursor, const char *at)
{
	while (at < cursor->end && (is_blank(*at) || *at == '!'))
		at++;
	char first = at < cursor->end ? *at : '\0', next = at + 1 < cursor->end ? at[1] : '\0';
	if (first == '$')
		return (next >= 'A' && next <= 'Z') || next == '_';
	return first == '(' || first == '\0' || (next == ':' && strchr("nvapex", first));
}

/* Is an operator, an option or another member at `at`, which follows a blank? */
static bool ends_spelling(const struct sori_cursor *cursor, const char *at, char kind)
{
	char next = at + 1 < cursor->end ? at[1] : '\0';
	bool english = kind == 'e' || kind == 'x';
	enum option option = option_at(cursor, at);
	if (*at == '|' || *at == ')' || starts_member(cursor, at))
		return true;
	if (*at == '&' || *at == '>') /* bait & switch is a spelling */
		return starts_member(cursor, at + 1);
	if (*at == '<' || *at == '~')
		return next >= '0' && next <= '9';
	if (!english && is_loose_at(cursor, at))
		return true;
	return option != OPTION_NONE && (!english || is_value_of(cursor, option, at + strlen(option_names[option]) + 1));
}

/* Adds the spelling between the two places; quotes stay in, they mean "as it is". */
static void add_spelling(struct sori_cursor *cursor, struct sori_source_term *term, const char *start, const char *end)
{
	struct sori_view text = sori_view_trim(sori_view_make(start, (size_t)(end - start)));
	struct sori_place place = sori_cursor_place(cursor, start);
	if (text.length == 0 || sori_view_is(text, "\"\"")) {
		sori_source_find(cursor->source, true, place, "the term is empty");
		return;
	}
	if (text.length > 200) {
		sori_source_find(cursor->source, true, place, "the term is over 200 bytes");
		return;
	}
	struct sori_spelling *spelling =
		SORI_SOURCE_PUSH(cursor->source, term->spellings, term->spelling_count, term->spelling_capacity);
	if (spelling)
		*spelling = (struct sori_spelling){text, place};
}

static bool is_option_typo(struct sori_cursor *cursor, const char *at)
{
	size_t length = name_length(cursor, at);
	for (int i = 1; i < OPTION_COUNT; i++) {
		size_t wanted = strlen(option_names[i]), same = 0;
		if (wanted < 4 || length + 1 < wanted || length > wanted + 1)
			continue;
		while (same < length && same < wanted && at[same] == option_names[i][same])
			same++;
		if (same + 1 >= wanted && same + 1 >= length)
			return same != wanted || same != length; /* an English word of the same letters is none */
	}
	return false;
}

static bool read_spellings(struct sori_cursor *cursor, struct sori_source_term *term)
{
	const char *start = cursor->at, *quote = NULL;
	bool variants = false;
	for (; cursor->at < cursor->end; cursor->at++) {
		char c = *cursor->at;
		if (c == '"')
			quote = quote ? NULL : cursor->at;
		if (quote)
			continue;
		if (c == '|' || c == '(' || c == ')' || (is_blank(c) && cursor->at + 1 < cursor->end &&
							 !is_blank(cursor->at[1]) && ends_spelling(cursor, cursor->at + 1, term->kind)))
			break;
		if (c == '=' && !variants) {
			const char *word = cursor->at;
			while (word > start && !is_blank(word[-1]))
				word--;
			if (word > start && name_length(cursor, word) == (size_t)(cursor->at - word) && is_option_typo(cursor, word))
				return fault(cursor, word, "unknown option");
			add_spelling(cursor, term, start, cursor->at);
			variants = true;
			start = cursor->at + 1;
		} else if (c == '=') { /* 팝업=알림=푸시: one more variant, unless it looks like an option */
			const char *word = cursor->at;
			while (word > start && !is_blank(word[-1]))
				word--;
			if (word > start && name_length(cursor, word) == (size_t)(cursor->at - word))
				return fault(cursor, word, "unknown option");
			add_spelling(cursor, term, start, cursor->at);
			start = cursor->at + 1;
		} else if (c == ',' && variants) {
			add_spelling(cursor, term, start, cursor->at);
			start = cursor->at + 1;
		} else if (c == ',' && term->kind != 'e' && term->kind != 'x') {
			return fault(cursor, cursor->at, "variants follow an =");
		}
	}
	if (quote)
		return fault(cursor, quote, "the double quote is not closed");
	if (!(variants && sori_view_trim(sori_view_make(start, (size_t)(cursor->at - start))).length == 0))
		add_spelling(cursor, term, start, cursor->at);
	return term->spelling_count > 0;
}

/* ---- options */

static int choice_of(struct sori_view value, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (sori_view_is(value, names[i]))
			return i;
	return -1;
}

static void read_ex(struct sori_cursor *cursor, struct sori_source_term *term, struct sori_view value)
{
	while (value.length > 0) {
		const char *comma = memchr(value.at, ',', value.length);
		size_t length = comma ? (size_t)(comma - value.at) : value.length;
		struct sori_view word = sori_view_trim(sori_view_make(value.at, length));
		if (word.length > 0) {
			struct sori_view *slot = SORI_SOURCE_PUSH(cursor->source, term->ex, term->ex_count, term->ex_capacity);
			if (slot)
				*slot = word;
		}
		value = sori_view_slice(value, length + 1, value.length);
	}
}

static void term_option(struct sori_cursor *cursor, struct sori_source_term *term, enum option option,
			const struct sori_attribute *attribute)
{
	static const char *const lefts[] = {"strict", "own", "any"};
	static const char *const tails[] = {"josa", "suffix", "open", "any"};
	struct sori_view value = attribute->value;
	int choice;
	if (option == OPTION_LEFT) {
		if ((choice = choice_of(value, lefts, 3)) < 0)
			fault(cursor, attribute->value_at, "left= is strict, own or any");
		else
			term->left = (uint8_t)choice;
	} else if (option == OPTION_TAIL) {
		if ((choice = choice_of(value, tails, 4)) < 0)
			fault(cursor, attribute->value_at, "tail= is josa, suffix, open or any");
		else
			term->right = (uint8_t)choice;
	} else if (option == OPTION_ROOT) {
		term->no_root = sori_view_is(value, "no");
		if (!term->no_root && !sori_view_is(value, "yes"))
			fault(cursor, attribute->value_at, "root= is yes or no");
	} else if (option == OPTION_CASE) {
		term->upper = sori_view_is(value, "upper");
		if (!term->upper)
			fault(cursor, attribute->value_at, "case= is upper");
	} else {
		read_ex(cursor, term, value);
	}
}

static void read_policy(struct sori_cursor *cursor, uint16_t tag, const struct sori_attribute *attribute)
{
	struct sori_source_entry *entry = cursor->entry;
	struct sori_view value = attribute->value;
	entry->keep_tags &= (uint16_t)~tag;
	entry->drop_tags &= (uint16_t)~tag;
	if (sori_view_is(value, "keep")) {
		entry->keep_tags |= tag;
	} else if (sori_view_is(value, "drop")) {
		entry->drop_tags |= tag;
	} else if (tag == SORI_TAG_NEGATED && value.length > 5 && memcmp(value.at, "flip:", 5) == 0) {
		entry->flip = sori_view_slice(value, 5, value.length);
		entry->flip_place = sori_cursor_place(cursor, attribute->value_at + 5);
	} else {
		fault(cursor, attribute->value_at, tag == SORI_TAG_NEGATED ? "neg= is drop, keep or flip:<category>"
									    : "this option is keep or drop");
	}
}

/* req= and not=: an expression of its own, read from the option's value. */
static void read_context(struct sori_cursor *cursor, bool require, const struct sori_attribute *attribute)
{
	struct sori_source_entry *entry = cursor->entry;
	struct sori_cursor inner = {.source = cursor->source, .at = attribute->value.at,
				    .end = attribute->value.at + attribute->value.length, .origin = attribute->value.at, .start = attribute->value.at,
				    .place = sori_cursor_place(cursor, attribute->value_at), .depth = cursor->depth + 1};
	struct sori_member member = {.kind = SORI_MEMBER_GROUP, .place = inner.place};
	if (!sori_parse_alternatives(&inner, 0, &member.group, &member.group_count))
		return;
	struct sori_sequence *sequence = require
		? SORI_SOURCE_PUSH(cursor->source, entry->require, entry->require_count, entry->require_capacity)
		: SORI_SOURCE_PUSH(cursor->source, entry->forbid, entry->forbid_count, entry->forbid_capacity);
	if (!sequence)
		return;
	*sequence = (struct sori_sequence){0};
	struct sori_member *slot =
		SORI_SOURCE_PUSH(cursor->source, sequence->members, sequence->count, sequence->capacity);
	if (slot)
		*slot = member;
}

static bool read_rating(struct sori_source_when *when, struct sori_view text)
{
	unsigned long long number;
	if (text.length < 2 || (text.at[0] != '<' && text.at[0] != '>') || text.at[1] != '=')
		return false;
	if (!sori_view_to_u64(sori_view_slice(text, 2, text.length), &number) || number > 10)
		return false;
	when->compare = text.at[0] == '<' ? -1 : 1;
	when->number = (int)number;
	return true;
}

static bool read_values(struct sori_cursor *cursor, struct sori_source_when *when, struct sori_view text)
{
	text = sori_view_slice(text, 1, text.length);
	while (text.length > 0) {
		const char *bar = memchr(text.at, '|', text.length);
		size_t length = bar ? (size_t)(bar - text.at) : text.length;
		struct sori_view *slot = SORI_SOURCE_PUSH(cursor->source, when->values, when->value_count, when->value_capacity);
		if (slot)
			*slot = sori_view_trim(sori_view_make(text.at, length));
		text = sori_view_slice(text, length + 1, text.length);
	}
	return when->value_count > 0;
}

static void read_when(struct sori_cursor *cursor, const struct sori_attribute *attribute)
{
	static const struct { const char *name; uint8_t role; } roles[] = {{"channel", SORI_ROLE_CHANNEL},
		{"product", SORI_ROLE_PRODUCT}, {"region", SORI_ROLE_REGION}, {"dim1", SORI_ROLE_DIM1},
		{"dim2", SORI_ROLE_DIM2}, {"dim3", SORI_ROLE_DIM3}, {"rating", SORI_ROLE_RATING}};
	struct sori_view value = sori_view_trim(attribute->value);
	struct sori_source_entry *entry = cursor->entry;
	struct sori_source_when when = {0};
	size_t length = 0;
	while (length < value.length && !strchr("=<> ", value.at[length]))
		length++;
	struct sori_view rest = sori_view_trim(sori_view_slice(value, length, value.length));
	bool good = false;
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		if (!sori_view_is(sori_view_make(value.at, length), roles[i].name))
			continue;
		when.role = roles[i].role;
		good = when.role == SORI_ROLE_RATING ? read_rating(&when, rest)
						     : rest.length > 1 && rest.at[0] == '=' && read_values(cursor, &when, rest);
	}
	if (!good) {
		fault(cursor, attribute->value_at, "when= is channel|product|region|dim1|dim2|dim3 = value|value, or rating<=N, rating>=N");
		return;
	}
	struct sori_source_when *slot = SORI_SOURCE_PUSH(cursor->source, entry->when, entry->when_count, entry->when_capacity);
	if (slot)
		*slot = when;
}

static void entry_option(struct sori_cursor *cursor, enum option option, const struct sori_attribute *attribute)
{
	static const char *const withins[] = {"clause", "sentence", "record"};
	static const uint16_t tags[OPTION_COUNT] = {[OPTION_NEG] = SORI_TAG_NEGATED, [OPTION_HYP] = SORI_TAG_HYPOTHETICAL,
		[OPTION_PAST] = SORI_TAG_PAST, [OPTION_WISH] = SORI_TAG_WISH, [OPTION_ASK] = SORI_TAG_QUESTION,
		[OPTION_ATTR] = SORI_TAG_ATTRIBUTED, [OPTION_RESOLVED] = SORI_TAG_RESOLVED};
	struct sori_source_entry *entry = cursor->entry;
	struct sori_view value = attribute->value;
	int choice;
	if (!entry) {
		sori_source_find(cursor->source, true, sori_cursor_place(cursor, attribute->at),
				 "%s= belongs to an entry; it has no place in a set or inside req= and not=", option_names[option]);
	} else if (tags[option]) {
		read_policy(cursor, tags[option], attribute);
	} else if (option == OPTION_REQ || option == OPTION_NOT) {
		read_context(cursor, option == OPTION_REQ, attribute);
	} else if (option == OPTION_WHEN) {
		read_when(cursor, attribute);
	} else if (option == OPTION_WITHIN) {
		if ((choice = choice_of(value, withins, 3)) < 0)
			fault(cursor, attribute->value_at, "within= is clause, sentence or record");
		else
			entry->within = (uint8_t)choice;
	} else if (option == OPTION_ID) {
		entry->id = value;
		if (value.length == 0 || value.length > 100 || memchr(value.at, ':', value.length))
			fault(cursor, attribute->value_at, "id= is a name of 1 to 100 bytes without ':'");
	} else if (value.length == 1 && value.at[0] >= '1' && value.at[0] <= '5') {
		entry->severity = (uint8_t)(value.at[0] - '0');
	} else {
		fault(cursor, attribute->value_at, "sev= is a number from 1 to 5");
	}
}

/* The same option for every term of a member: ( n:a | n:b ) left=strict. */
static void member_option(struct sori_cursor *cursor, struct sori_member *member, enum option option,
			  const struct sori_attribute *attribute)
{
	if (member->kind == SORI_MEMBER_TERM) {
		term_option(cursor, member->term, option, attribute);
	} else if (member->kind == SORI_MEMBER_SET) {
		fault(cursor, attribute->at, "left= tail= ex= root= case= loose stand in the set, after each term");
	} else {
		for (size_t i = 0; i < member->group_count; i++)
			for (size_t k = 0; k < member->group[i].count; k++)
				if (member->group[i].members[k].kind != SORI_MEMBER_SET)
					member_option(cursor, &member->group[i].members[k], option, attribute);
	}
}

/* All options at the cursor, behind `member`. */
static void read_options(struct sori_cursor *cursor, struct sori_member *member)
{
	for (;;) {
		const char *before = cursor->at;
		sori_cursor_skip(cursor);
		enum option option = option_at(cursor, cursor->at);
		struct sori_attribute attribute = {.at = cursor->at};
		if (option == OPTION_NONE && is_loose_at(cursor, cursor->at)) {
			cursor->at += 5;
			if (member->kind == SORI_MEMBER_TERM)
				member->term->loose = true;
			else
				fault(cursor, attribute.at, "loose follows a term, not a set or a group");
			continue;
		}
		if (option == OPTION_NONE) {
			cursor->at = before;
			return;
		}
		sori_cursor_attribute(cursor, &attribute);
		if (option == OPTION_LEFT || option == OPTION_TAIL || option == OPTION_EX || option == OPTION_ROOT ||
		    option == OPTION_CASE)
			member_option(cursor, member, option, &attribute);
		else
			entry_option(cursor, option, &attribute);
	}
}

/* ---- members */

static bool read_term(struct sori_cursor *cursor, struct sori_member *member)
{
	struct sori_source_term *term = sori_arena_zero(&cursor->source->arena, 1, sizeof *term);
	const char *start = cursor->at;
	if (!term) {
		cursor->source->failed = true;
		return false;
	}
	term->kind = cursor->standard;
	if (peek(cursor, 1) == ':' && strchr("nvapex", peek(cursor, 0))) {
		term->kind = *cursor->at;
		cursor->at += 2;
	}
	term->left = term->right = SORI_UNSET;
	term->place = sori_cursor_place(cursor, start);
	if (!read_spellings(cursor, term))
		return false;
	term->label = sori_view_trim(sori_view_make(start, (size_t)(cursor->at - start)));
	member->kind = SORI_MEMBER_TERM;
	member->term = term;
	read_options(cursor, member);
	return true;
}

static bool read_set_name(struct sori_cursor *cursor, struct sori_member *member)
{
	const char *start = ++cursor->at;
	while (cursor->at < cursor->end && ((*cursor->at >= 'A' && *cursor->at <= 'Z') || *cursor->at == '_' ||
					    (*cursor->at >= '0' && *cursor->at <= '9')))
		cursor->at++;
	member->kind = SORI_MEMBER_SET;
	member->set = sori_view_make(start, (size_t)(cursor->at - start));
	if (member->set.length == 0)
		return fault(cursor, start, "a set name follows $, made of A-Z, 0-9 and _");
	read_options(cursor, member);
	return true;
}

static bool read_group(struct sori_cursor *cursor, struct sori_member *member)
{
	const char *start = cursor->at++;
	if (cursor->depth >= DEPTH_LIMIT)
		return fault(cursor, start, "parentheses are nested too deep (8)");
	cursor->depth++;
	member->kind = SORI_MEMBER_GROUP;
	bool good = sori_parse_alternatives(cursor, ')', &member->group, &member->group_count);
	cursor->depth--;
	if (!good)
		return false;
	if (peek(cursor, 0) != ')')
		return fault(cursor, start, "the parenthesis is not closed");
	cursor->at++;
	read_options(cursor, member);
	return true;
}

static bool read_one(struct sori_cursor *cursor, struct sori_member *member)
{
	sori_cursor_skip(cursor);
	member->place = sori_cursor_place(cursor, cursor->at);
	if (peek(cursor, 0) == '!') {
		member->forbidden = true;
		cursor->at++;
	}
	char c = peek(cursor, 0);
	if (c == '(')
		return read_group(cursor, member);
	if (c == '$')
		return read_set_name(cursor, member);
	if (cursor->standard || (peek(cursor, 1) == ':' && c && strchr("nvapex", c)))
		return read_term(cursor, member);
	return fault(cursor, cursor->at, "a term (n: v: a: p: e:), a $SET or a parenthesis should stand here");
}

static bool is_tight_bar(const struct sori_cursor *cursor)
{
	return peek(cursor, 0) == '|' && peek(cursor, 1) && !is_blank(peek(cursor, 1)) && !is_blank(cursor->at[-1]);
}

/* Wraps members parted by bars without blanks into one group. */
static bool read_member(struct sori_cursor *cursor, struct sori_member *member)
{
	struct sori_source *source = cursor->source;
	if (!read_one(cursor, member))
		return false;
	if (!is_tight_bar(cursor))
		return true;
	struct sori_member group = {.kind = SORI_MEMBER_GROUP, .place = member->place, .forbidden = member->forbidden,
				    .relation = member->relation, .distance = member->distance};
	size_t capacity = 0;
	member->forbidden = false;
	member->relation = SORI_RELATE_SAME;
	for (struct sori_member next = *member;;) {
		struct sori_sequence *sequence = SORI_SOURCE_PUSH(source, group.group, group.group_count, capacity);
		if (!sequence)
			return false;
		*sequence = (struct sori_sequence){0};
		struct sori_member *slot = SORI_SOURCE_PUSH(source, sequence->members, sequence->count, sequence->capacity);
		if (!slot)
			return false;
		*slot = next;
		if (!is_tight_bar(cursor))
			break;
		cursor->at++;
		next = (struct sori_member){0};
		if (!read_one(cursor, &next))
			return false;
	}
	*member = group;
	return true;
}

static bool read_number(struct sori_cursor *cursor, uint8_t *number)
{
	unsigned value = 0;
	const char *start = cursor->at;
	while (peek(cursor, 0) >= '0' && peek(cursor, 0) <= '9' && value < 100)
		value = value * 10 + (unsigned)(*cursor->at++ - '0');
	*number = (uint8_t)value;
	return value <= 50 ? true : fault(cursor, start, "a distance is at most 50 words");
}

/* A relation, if one stands here; *found says so. */
static bool read_relation(struct sori_cursor *cursor, struct sori_member *member, bool *found)
{
	sori_cursor_skip(cursor);
	*found = true;
	switch (peek(cursor, 0)) {
	case '&':
		member->relation = SORI_RELATE_SAME;
		cursor->at++;
		return true;
	case '>':
		member->relation = SORI_RELATE_ORDER;
		cursor->at++;
		return true;
	case '~':
		member->relation = SORI_RELATE_NEAR;
		cursor->at++;
		return read_number(cursor, &member->distance);
	case '<':
		member->relation = SORI_RELATE_GAP;
		cursor->at++;
		if (!read_number(cursor, &member->distance))
			return false;
		if (peek(cursor, 0) != '>')
			return fault(cursor, cursor->at, "a gap is <k>, k words");
		cursor->at++;
		return true;
	default:
		*found = false;
		return true;
	}
}

static bool read_sequence(struct sori_cursor *cursor, struct sori_sequence *sequence)
{
	bool more = true;
	struct sori_member member = {0};
	*sequence = (struct sori_sequence){0};
	while (more) {
		if (!read_member(cursor, &member))
			return false;
		struct sori_member *slot =
			SORI_SOURCE_PUSH(cursor->source, sequence->members, sequence->count, sequence->capacity);
		if (!slot)
			return false;
		*slot = member;
		member = (struct sori_member){0};
		if (!read_relation(cursor, &member, &more))
			return false;
	}
	return true;
}

bool sori_parse_alternatives(struct sori_cursor *cursor, char closing, struct sori_sequence **group, size_t *count)
{
	size_t capacity = 0;
	bool related = false;
	*group = NULL;
	*count = 0;
	for (;;) {
		struct sori_sequence *sequence = SORI_SOURCE_PUSH(cursor->source, *group, *count, capacity);
		if (!sequence || !read_sequence(cursor, sequence))
			return false;
		related |= sequence->count > 1;
		sori_cursor_skip(cursor);
		if (peek(cursor, 0) != '|')
			break;
		cursor->at++;
		sori_cursor_skip(cursor);
		if (cursor->at == cursor->end && !closing) /* a bar at the end of a line: the set goes on */
			break;
	}
	if (related && *count > 1 && !closing)
		return fault(cursor, cursor->start, "put alternatives in parentheses: ( a | b ) & c");
	if (cursor->at < cursor->end && !(closing && *cursor->at == closing))
		return fault(cursor, cursor->at, "a relation (& > ~k <k>), a bar, an option or the end should stand here");
	return true;
}
