/* The dictionary language (dictionaries/LANGUAGE.md) read into a tree. Nothing is resolved here: names of sets and
 * categories stay text; compile.c looks them up when all files are read, since they may stand in any file.
 *
 *   file -> logical lines -> directives (dict_parse.c) -> expressions, terms, options (dict_expr.c)
 *
 * Everything lives in source->arena. Every fault is a finding with file, line and column; reading goes on after it. */
#ifndef SORI_EXTRACT_DICT_PARSE_H
#define SORI_EXTRACT_DICT_PARSE_H

#include "pipeline/base/arena.h"
#include "stages/extract/dictionary.h"

struct sori_place {
	uint32_t file; /* into source->files */
	uint32_t line, column;
};

/* A term as written: its spellings (the first and its variants), and the options that belong to it. */
struct sori_spelling {
	struct sori_view text; /* as written, with quotes and class */
	struct sori_place place;
};

#define SORI_UNSET 0xff

struct sori_source_term {
	char kind; /* n v a p e x; P for @prefix, L for @left */
	uint8_t left, right; /* enum sori_left, sori_right; SORI_UNSET: by kind */
	bool upper, loose, no_root;
	struct sori_place place;
	struct sori_view label;
	struct sori_spelling *spellings;
	size_t spelling_count, spelling_capacity;
	struct sori_view *ex;
	size_t ex_count, ex_capacity;
};

struct sori_sequence;

enum sori_member_kind { SORI_MEMBER_TERM, SORI_MEMBER_SET, SORI_MEMBER_GROUP };

struct sori_member {
	uint8_t kind;     /* enum sori_member_kind */
	bool forbidden;   /* !member */
	uint8_t relation; /* to the member before; enum sori_relation */
	uint8_t distance;
	struct sori_place place;
	struct sori_source_term *term;
	struct sori_view set;
	struct sori_sequence *group; /* alternatives */
	size_t group_count;
};

struct sori_sequence {
	struct sori_member *members;
	size_t count, capacity;
};

struct sori_source_when {
	uint8_t role; /* enum sori_role */
	int8_t compare;
	int number;
	struct sori_view *values;
	size_t value_count, value_capacity;
};

struct sori_source_entry {
	struct sori_place place;
	struct sori_view source;   /* the line */
	struct sori_view category; /* "" for an exclusion outside any */
	struct sori_sequence *body; /* alternatives */
	size_t body_count;
	struct sori_view id; /* "" unset */
	struct sori_view flip;
	struct sori_place flip_place;
	uint16_t keep_tags, drop_tags;
	uint8_t severity, within;
	struct sori_sequence *require, *forbid; /* conjunctions of alternatives: each sequence is one req= or not= */
	size_t require_count, require_capacity, forbid_count, forbid_capacity;
	struct sori_source_when *when;
	size_t when_count, when_capacity;
	bool dead; /* overridden by a later folder */
};

struct sori_source_set {
	struct sori_place place;
	struct sori_view name;
	bool append; /* += */
	struct sori_member *items; /* terms and sets only */
	size_t count, capacity;
};

struct sori_source_category {
	struct sori_place place;
	struct sori_view id, ko, en, owner;
	uint8_t severity;
	bool praise, kind_given, fallback, count_given;
	uint16_t count_tags;
};

struct sori_source_use { /* @in: the category must be declared somewhere */
	struct sori_place place;
	struct sori_view category;
};

struct sori_source_example {
	struct sori_place place;
	struct sori_view text, category;
	bool wanted;
};

struct sori_source_file {
	const char *path;      /* as opened, for findings */
	struct sori_view name; /* below its folder */
	uint32_t folder;
	struct sori_view bytes;
	bool dead; /* replaced by a file of the same name below a later folder */
};

struct sori_source {
	struct sori_arena arena;
	bool failed; /* memory is out: the result must not be used */
	struct sori_source_file *files;
	size_t file_count, file_capacity;
	struct sori_source_category *categories;
	size_t category_count, category_capacity;
	struct sori_source_set *sets;
	size_t set_count, set_capacity;
	struct sori_source_entry *entries;
	size_t entry_count, entry_capacity;
	struct sori_source_example *examples;
	size_t example_count, example_capacity;
	struct sori_source_use *uses;
	size_t use_count, use_capacity;
	struct sori_member *words; /* @prefix and @left, as terms of kind P and L */
	size_t word_count, word_capacity;
	sori_finding_fn report;
	void *user;
	size_t errors, warnings;
	struct sori_place first_place; /* of the first error, for the status of the whole load */
	char first_text[256];
};

void sori_source_init(struct sori_source *source, sori_finding_fn report, void *user);
void sori_source_release(struct sori_source *source);

/* Reads one file's text (borrowed until release) into the tree. */
void sori_source_parse(struct sori_source *source, uint32_t file);

/* A finding; counts it. */
void sori_source_find(struct sori_source *source, bool error, struct sori_place place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Marks that memory is out; returns false. */
bool sori_source_fail(struct sori_source *source);

/* Makes room for one more element of an array in the arena; false (and failed set) when memory is out. */
bool sori_source_grow(struct sori_source *source, void **array, size_t *capacity, size_t count, size_t size);
#define SORI_SOURCE_PUSH(source, array, count, capacity) \
	(sori_source_grow((source), (void **)&(array), &(capacity), (count), sizeof *(array)) ? &(array)[(count)++] : NULL)

/* Tags by name: negated rhetorical hypothetical wish past resolved attributed question; 0 for "plain"; -1 unknown. */
int sori_tag_of(struct sori_view name);

/* ---- dict_expr.c, used by dict_parse.c */

struct sori_cursor {
	struct sori_source *source;
	const char *start, *at, *end;
	const char *origin;      /* where the column count stands: it moves on, so that long lines stay linear */
	struct sori_place place; /* of origin */
	struct sori_source_entry *entry; /* takes entry options; NULL: none allowed here */
	char standard;           /* kind of a member without one; 0: none */
	unsigned depth;
};

struct sori_place sori_cursor_place(struct sori_cursor *cursor, const char *at);
void sori_cursor_skip(struct sori_cursor *cursor);

/* name=value or name="value" (\" and \\ inside); false at anything else. A finding for a quote without end. */
struct sori_attribute {
	struct sori_view name, value;
	const char *at, *value_at;
};
bool sori_cursor_attribute(struct sori_cursor *cursor, struct sori_attribute *attribute);

/* "…" at the cursor into *text; false with a finding. */
bool sori_cursor_quoted(struct sori_cursor *cursor, struct sori_view *text);

/* Alternatives up to the end (or to `closing`); NULL members were reported. */
bool sori_parse_alternatives(struct sori_cursor *cursor, char closing, struct sori_sequence **group, size_t *count);

#endif
