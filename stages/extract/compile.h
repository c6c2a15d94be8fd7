/* The dictionary compiler: from the tree of dict_parse.h to the flat program of dictionary.h.
 *
 *   terms (compile_terms.c, compile_forms.c)  shared by spelling, kind and options; surface forms with their tails
 *   sets (compile_sets.c)                     named, of one term, or of alternatives; equal contents are one set
 *   rules (compile_rules.c)                   alternatives multiplied out to conjunctions of slots
 *   everything else (compile.c)               categories, entries, examples, the freeze into the arena
 *   files (dict_read.c, dict_load.c)          which, in what order; grammar, index and examples */
#ifndef SORI_EXTRACT_COMPILE_H
#define SORI_EXTRACT_COMPILE_H

#include "pipeline/base/buffer.h"
#include "stages/extract/conjugate.h"
#include "stages/extract/dict_parse.h"
#include "stages/extract/english.h"

/* What an author wants to see of a term: every term and entry whose label or id holds `query` (as written, "" = all), with
 * options, forms and their tails, sets, and the rules of the entries; of a category's id its entries. Appends lines of plain
 * text, nothing when nothing is called so. */
void sori_dictionary_show(const struct sori_dictionary *dictionary, struct sori_view query, struct sori_buffer *out);

/* Names for display: "V", "NOUN", … and "noun", "verb", … */
const char *sori_tail_name(enum sori_tail tail);
const char *sori_term_kind_name(enum sori_term_kind kind);

/* As sori_dictionary_load without grammar and index: for the checks of `sori dict check`, tests and the fuzz target. */
enum sori_status sori_dictionary_compile(struct sori_dictionary **dictionary, const char *const *folders,
					 size_t folder_count, sori_finding_fn report, void *user, struct sori_error *error);

/* The same for one text; `folder` has the grammar/ to use. */
enum sori_status sori_dictionary_compile_text(struct sori_dictionary **dictionary, struct sori_view text,
					      const char *folder, sori_finding_fn report, void *user,
					      struct sori_error *error);

/* ---- inside the compiler */

struct sori_name { /* slot of a name map */
	struct sori_view key;
	uint32_t value;
};

/* Open addressing, keys borrowed. */
struct sori_names {
	struct sori_name *slots;
	size_t capacity, count;
};
void sori_names_release(struct sori_names *names);
/* The slot of the key, a new one with value UINT32_MAX when it was not there; NULL when memory is out. */
struct sori_name *sori_names_put(struct sori_names *names, struct sori_view key);
const struct sori_name *sori_names_find(const struct sori_names *names, struct sori_view key);

struct sori_set_build {
	uint32_t *terms; /* ascending, in the source arena */
	uint32_t count;
	struct sori_view name;
};

struct sori_named_set { /* all parts of one $NAME */
	struct sori_view name;
	const struct sori_source_set **parts;
	size_t part_count, part_capacity;
	struct sori_place place;
	uint8_t state; /* 0 new, 1 being resolved, 2 done */
	bool used;
	uint32_t *terms;
	uint32_t term_count;
	uint32_t set; /* index, UINT32_MAX: none yet */
};

struct sori_builder {
	struct sori_source *source;
	struct sori_dictionary *dictionary;
	const struct sori_verb_classes *classes;
	const struct sori_english *english;
	struct sori_names term_names, set_names, set_keys, category_names, entry_names, rule_keys;
	struct sori_named_set *named;
	size_t named_count, named_capacity;
	struct sori_set_build *sets;
	size_t set_count, set_capacity;
	struct sori_form *forms;
	size_t form_count, form_capacity;
	uint32_t *seen; /* hash table over the forms of the term in work */
	size_t seen_capacity, seen_count;
	uint32_t seen_term;
	bool too_many_forms;
	struct sori_term *terms;
	size_t term_count, term_capacity;
	const struct sori_source_term **term_sources; /* per term */
	size_t term_source_capacity;
	struct sori_rule *rules;
	size_t rule_count, rule_capacity;
	struct sori_buffer scratch;
};

#define SORI_NO_TERM UINT32_MAX
#define SORI_NO_SET UINT32_MAX

/* compile_terms.c: appends the term's index to a list in the source arena, made when it is new. Spellings whose defaults
 * differ (앱 and 어플: one syllable and two) become terms of their own. *fresh (may be NULL): none was there before. */
bool sori_build_term(struct sori_builder *builder, const struct sori_source_term *source, uint32_t **list, size_t *count,
		     size_t *capacity, bool *fresh);
/* A noun of one syllable that the author did not tie down with left=strict tail=josa; *first: it is no variant. */
bool sori_is_weak(const struct sori_builder *builder, uint32_t term, const struct sori_spelling **spelling, bool *first);

/* compile_forms.c: adds the forms of all spellings. */
bool sori_build_forms(struct sori_builder *builder, const struct sori_source_term *source, uint32_t term);
/* Adds one form unless the term has it. */
bool sori_build_form(struct sori_builder *builder, uint32_t term, struct sori_view text, uint8_t tail, bool open);

/* The noun and the light verb of a spelling like 고장나다 or 화_나다, when words may stand between; else false. */
bool sori_gap_noun(const struct sori_builder *builder, struct sori_view spelling, struct sori_view *noun,
		   struct sori_view *verb);

/* compile_sets.c */
bool sori_build_named_sets(struct sori_builder *builder);
struct sori_named_set *sori_find_named_set(struct sori_builder *builder, struct sori_view name);
uint32_t sori_build_set_of_terms(struct sori_builder *builder, uint32_t *terms, size_t count, struct sori_view name);
uint32_t sori_build_set_of_name(struct sori_builder *builder, struct sori_view name, struct sori_place place);
/* Appends the terms of a term or set member to list (of capacity, in the source arena). */
bool sori_collect_terms(struct sori_builder *builder, const struct sori_member *member, uint32_t **list, size_t *count,
			size_t *capacity);

/* compile_rules.c: the rules of one entry. */
bool sori_build_rules(struct sori_builder *builder, const struct sori_source_entry *source, uint32_t entry);

/* compile.c: the whole program from a tree that was read; SORI_CONFIG when there are errors. */
enum sori_status sori_build(struct sori_dictionary **dictionary, struct sori_source *source, const char *grammar_folder,
			    struct sori_error *error);
/* Turns the tree's errors into a status. */
enum sori_status sori_source_status(const struct sori_source *source, struct sori_error *error);

/* dict_read.c: reads and compiles; *folder gets the grammar folder chosen (in `path`, of 4096 bytes). */
enum sori_status sori_read_folders(struct sori_source *source, const char *const *folders, size_t folder_count,
				   char path[4096], struct sori_error *error);

#endif
