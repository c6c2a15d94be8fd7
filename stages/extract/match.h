/* Shared by the parts of the matcher: verify.c (which candidates are terms), clause.c (words, clauses, sentences),
 * scope.c (tags), rules.c (rules and hits), match.c (the loop over a batch). One record is worked on at a time; offsets
 * are bytes of its normalised text. */
#ifndef SORI_EXTRACT_MATCH_H
#define SORI_EXTRACT_MATCH_H

#include "stages/extract/dictionary.h"
#include "stages/extract/grammar.h"
#include "stages/extract/index.h"

/* Work bounds: what goes over is left out in text order, which is the same everywhere, and counted. */
#define SORI_RUN_SYLLABLES 64u     /* of one run, from its start, that the left boundary is followed through */
#define SORI_NEGATORS 4u           /* kept per match */
#define SORI_RULE_STEPS 4096u      /* member combinations tried per clause, sentence or record */
#define SORI_OVERLAP_WINDOW 24u    /* matches looked back at for a longer one */

struct sori_cut_counts {
	uint64_t runs;     /* runs longer than SORI_RUN_SYLLABLES */
	uint64_t rules;    /* units whose rules ran out of steps */
	uint64_t overlaps; /* reserved for tests: matches past SORI_OVERLAP_WINDOW */
};

enum sori_match_flag {
	SORI_MATCH_WHOLE = 1,      /* ending accepted up to the end of the run */
	SORI_MATCH_LOW = 2,        /* no ending accepted */
	SORI_MATCH_SCOPED = 4,     /* tags and negators are filled in */
	SORI_MATCH_SUPPRESSED = 8,
	SORI_MATCH_LATIN = 16,
	SORI_MATCH_GLUED = 32, /* 안 or 못 stands glued before it */
	SORI_MATCH_CHOSEN = 64 /* by a rule over the record */
};

enum sori_memo_flag {
	SORI_MEMO_LATIN = 1,
	SORI_MEMO_BREAK = 2,    /* an English clause word: a clause ends before it */
	SORI_MEMO_CONTRAST = 4, /* a clause ends after it */
	SORI_MEMO_UPPER = 8,    /* capitals would make a difference */
	SORI_MEMO_WHOLE = 16    /* longest match needs the whole record */
};

struct sori_term_match {
	uint32_t start, end; /* the form */
	uint32_t tail_end;   /* its accepted ending */
	uint32_t group;      /* index->groups */
	uint32_t list;       /* of its sets, rules.c */
	uint32_t labels;     /* enum sori_label, of the ending */
	uint32_t word;       /* words[] that it ends in */
	uint32_t first_word; /* words[] that it begins in */
	uint16_t tags;
	uint8_t flags;
	uint8_t negator_count;
	uint32_t negators[SORI_NEGATORS]; /* where they begin */
};

enum sori_word_flag {
	SORI_WORD_ASKS = 2,    /* '?' follows */
	SORI_WORD_LATIN = 4
};

/* A stretch without blanks and punctuation. */
struct sori_word {
	uint32_t start, end;
	uint32_t clause, sentence;
	uint32_t flags;
	uint64_t lists; /* SORI_WORD bits of scope.tsv */
};

struct sori_run {
	uint32_t start, end;      /* the run of Hangul around the last candidate */
	uint64_t own, predicate, strict; /* syllables at which such a term may begin */
};

/* What is known of a word (memo.c). Offsets from its start. */
struct sori_memo_word {
	uint64_t hash;
	uint64_t lists;       /* SORI_WORD bits of scope.tsv */
	uint32_t bytes, length;
	uint32_t match_first, match_count, kept;
	uint32_t spill_first, spill_count;
	uint32_t upper;       /* entry of the same word in capitals + 1 */
	uint32_t flags;       /* enum sori_memo_flag */
	struct sori_run run;  /* the last run of Hangul in it */
};

struct sori_memo;

struct sori_last_parse {
	bool valid;
	unsigned entry, final;
	uint32_t end;
	struct sori_tail_parse result;
};

/* Whether a set is present in the unit (stamp is the unit's) and its matches: occurrences + 1. */
struct sori_set_state {
	uint32_t stamp, first, last;
};

struct sori_occurrence {
	uint32_t match;
	uint32_t next; /* + 1; 0: last */
};

/* A hit of a passage: its place in bytes of the passage's normalised text. */
struct sori_found_hit {
	struct sori_hit hit;
	uint32_t condition; /* rule whose when= decides; SORI_NO_RULE: none */
};

#define SORI_NO_RULE UINT32_MAX

struct sori_filing;     /* rules.h: where rules are looked for */
struct sori_passages;   /* passage.h: passages seen before */

struct sori_matcher {
	const struct sori_dictionary *dictionary;
	const struct sori_index *index;
	struct sori_endings *endings;
	struct sori_candidate_list candidates;
	struct sori_cut_counts cuts;
	bool failed; /* out of memory inside; checked once per record */
	struct sori_memo *memo;
	struct sori_passages *passages;
	/* the record in work */
	struct sori_batch *batch;
	struct sori_record *record;
	struct sori_view text; /* of the passage in work */
	uint32_t base;         /* where it begins in the record's normalised text */
	bool wants_more;       /* scope would have looked at words behind the passage */
	bool asked_case;       /* a form asked for capitals, which stand in the original only */
	struct sori_run run;
	struct sori_last_parse last_parse;
	uint32_t accept_above, accept_to; /* forms that end outside (above, to] are not looked at */
	bool upper, saw_upper; /* a word is worked out as if in capitals; a form asked for capitals */
	bool cut;              /* a form may go on behind the end of `text` */
	bool live;             /* not working a word out: capitals are looked up in the record */
	struct sori_term_match *matches;
	size_t match_count, match_capacity;
	struct sori_word *words;
	size_t word_count, word_capacity;
	uint64_t all_lists; /* of all words: what nobody says need not be looked for */
	uint64_t *letters; /* a bit per byte of the text: letter or digit */
	size_t letter_capacity;
	uint32_t *marks; /* places outside words where a form may begin; only when the index has such forms */
	size_t mark_count, mark_capacity;
	struct sori_found_hit *found; /* hits of the passage */
	size_t found_count, found_capacity;
	size_t first_hit; /* of the record, in the batch */
	/* rules.c: per set, the matches of the unit in work */
	struct sori_set_state *sets;
	uint32_t stamp;
	struct sori_filing *filing; /* rules.h */
	uint64_t *present; /* sets of the unit, by number */
	uint32_t *holding; /* rules that hold with them */
	uint32_t holding_count;
	uint8_t want;      /* enum sori_rules_want */
	struct sori_occurrence *occurrences;
	size_t occurrence_count, occurrence_capacity;
};

static inline const struct sori_group *sori_match_group(const struct sori_matcher *m,
							const struct sori_term_match *match)
{
	return &m->index->groups[match->group];
}

/* verify.c: one proposed position; adds its matches. */
void sori_verify_begin(struct sori_matcher *m);
void sori_verify_candidate(struct sori_matcher *m, uint32_t at, unsigned kind);
/* Forms that begin at `at` and end after `above`; `run`: of Hangul around `at`, NULL for Latin and marks. */
void sori_verify_spilling(struct sori_matcher *m, uint32_t at, uint32_t above, const struct sori_run *run);
/* Puts matches[from …) into text order and marks those that a longer one takes away; drop removes them and exclusions. */
void sori_verify_order(struct sori_matcher *m, size_t from);
void sori_verify_drop(struct sori_matcher *m, size_t from);
/* Whether an ex= word of the match's term may stand here that is not wholly in [start, end): then what is outside decides. */
bool sori_verify_ex_reaches(const struct sori_matcher *m, const struct sori_term_match *match, uint32_t start, uint32_t end);
bool sori_match_dropped(const struct sori_matcher *m, const struct sori_term_match *match);

/* memo.c: what words contain, worked out once. begin: once per record. */
enum sori_status sori_memo_new(struct sori_matcher *m, struct sori_error *error);
void sori_memo_free(struct sori_matcher *m);
void sori_memo_begin(struct sori_matcher *m);
/* The word [start, end) of the record, which becomes words[word_count]; NULL when memory is out. Valid until the next. */
const struct sori_memo_word *sori_memo_word(struct sori_matcher *m, uint32_t start, uint32_t end);
/* Whether some term may begin at `at` and go on behind the word that ends at `end`. */
bool sori_memo_spills(const struct sori_matcher *m, uint32_t at, uint32_t end);
/* Fills m->matches from the record's words and the terms over several of them. */
void sori_memo_matches(struct sori_matcher *m);

/* clause.c: cuts the record into words, clauses and sentences. */
void sori_clause_cut(struct sori_matcher *m);
bool sori_clause_contrastive(struct sori_view word);
uint32_t sori_clause_word_end(struct sori_view text, uint32_t at);
/* Lists of a word (SORI_WORD bits of scope.tsv). */
static inline uint64_t sori_word_lists(const struct sori_matcher *m, uint32_t word)
{
	return m->words[word].lists;
}
static inline struct sori_view sori_word_text(const struct sori_matcher *m, uint32_t word)
{
	return sori_view_slice(m->text, m->words[word].start, m->words[word].end - m->words[word].start);
}

/* scope.c: fills tags and negators of a match, once. scope_en.c does the English ones. */
void sori_scope_fill(struct sori_matcher *m, struct sori_term_match *match);
void sori_scope_english(struct sori_matcher *m, struct sori_term_match *match);
/* Notes a negator that begins at `at`, once. */
static inline void sori_match_negate(struct sori_term_match *match, uint32_t at)
{
	for (unsigned i = 0; i < match->negator_count; i++)
		if (match->negators[i] == at)
			return;
	if (match->negator_count < SORI_NEGATORS)
		match->negators[match->negator_count++] = at;
}

/* What the relations of a rule mean, in one place for the matcher and for `why-not`. */

static inline uint32_t sori_words_apart(const struct sori_term_match *a, const struct sori_term_match *b)
{
	if (a->first_word > b->word)
		return a->first_word - b->word;
	return b->first_word > a->word ? b->first_word - a->word : 0;
}

static inline bool sori_relation_holds(const struct sori_constraint *c, const struct sori_term_match *left,
			   const struct sori_term_match *right)
{
	switch (c->relation) {
	case SORI_RELATE_NEAR:
		return sori_words_apart(left, right) <= c->distance;
	case SORI_RELATE_ORDER:
		return left->end <= right->start;
	case SORI_RELATE_GAP:
		return left->end <= right->start && sori_words_apart(left, right) <= c->distance + 1u;
	default:
		return true;
	}
}

/* Number of the clause or sentence that a match begins in; 0 for the record. */
static inline uint32_t sori_unit_of(const struct sori_matcher *m, size_t match, unsigned within)
{
	const struct sori_word *word = &m->words[m->matches[match].first_word];
	return within == SORI_WITHIN_CLAUSE ? word->clause : within == SORI_WITHIN_SENTENCE ? word->sentence : 0;
}

/* rules.c. passage: hits of the rules over clauses and sentences from m->matches, into m->found. meet: whether some rule
 * over the record may hold when these sets (bits by their number at that level) are there. record: runs these over m->matches:
 * HITS into m->found; TAGS of the members that they choose; CHOOSE: marks the members. */
enum sori_rules_want { SORI_RULES_HITS, SORI_RULES_TAGS, SORI_RULES_CHOOSE };
enum sori_status sori_rules_prepare(struct sori_matcher *m, struct sori_error *error);
void sori_rules_release(struct sori_matcher *m);
void sori_rules_passage(struct sori_matcher *m);
bool sori_rules_meet(struct sori_matcher *m, const uint64_t *present);
void sori_rules_record(struct sori_matcher *m, enum sori_rules_want want);
/* Number of the list of sets that a group has. */
uint32_t sori_rules_list(const struct sori_matcher *m, uint32_t group);
/* True when a condition, all conditions of the rule, on the record's fields hold. */
bool sori_rules_when(const struct sori_record *record, const struct sori_when *when);
bool sori_rules_conditions(const struct sori_matcher *m, const struct sori_rule *rule);

int sori_hit_compare(const struct sori_hit *a, const struct sori_hit *b);
static inline bool sori_hit_same(const struct sori_hit *a, const struct sori_hit *b)
{
	return a->start == b->start && a->end == b->end && a->category == b->category && a->entry == b->entry;
}

/* passage.c: the records' hits, passage by passage. whole: words and matches of the whole record, for `why`. */
enum sori_status sori_passages_new(struct sori_matcher *m, struct sori_error *error);
void sori_passages_free(struct sori_matcher *m);
#define SORI_PASSAGE_BLOCK 16u /* records at once, at most */
void sori_passages_run(struct sori_matcher *m, struct sori_record *records, size_t count);
void sori_passages_whole(struct sori_matcher *m);
/* Bytes that passages may take; 0: each is worked out (for tests; changes nothing but speed). */
void sori_passages_limit(struct sori_matcher *m, size_t bytes);

#endif
