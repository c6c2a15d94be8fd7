/* A record passage by passage. A passage is a stretch up to . ! ? before a blank and a letter, or up to a line break:
 * some sentences whose hits depend on nothing else. Nothing that is asked about a passage sees another one, with these
 * exceptions, which are settled here: scope may ask for what is said next (느렸어요. 지금은 괜찮아요.), then the passage is
 * looked at together with the next one; rules over the record run over the matches that all passages have for them;
 * conditions on fields, masks, places in the original and fallback categories are decided when hits are handed on.
 *
 * So a passage seen before needs no second look: feedback repeats its sentences as it repeats its words ("wait 30 minutes
 * on the phone", greetings, the short ones), and then a look-up is all that a sentence costs. What is known of a passage
 * is a function of its bytes: keeping it or not changes speed only. Passages are not kept when capitals of the original
 * decide, when they are long, or when something ran over its bounds in them. */
#include "stages/extract/passage.h"

#include <stdlib.h>

#include "pipeline/base/memory.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define SORI_HAVE_AVX2 1
#endif

/* ---- borders */

static bool is_stop(char byte)
{
	return byte == '.' || byte == '!' || byte == '?' || byte == SORI_CHAR_BREAK;
}

static uint64_t portable_stops(const char *at, size_t length)
{
	uint64_t stops = 0;
	for (size_t i = 0; i < length; i++)
		stops |= (uint64_t)is_stop(at[i]) << i;
	return stops;
}

#ifdef SORI_HAVE_AVX2
__attribute__((target("avx2"))) static uint64_t vector_stops(const char *at)
{
	uint64_t stops = 0;
	for (unsigned half = 0; half < 2; half++) {
		__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32 * half));
		__m256i found = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('.')),
								_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('!'))),
						_mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('?')),
								_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(SORI_CHAR_BREAK))));
		stops |= (uint64_t)(uint32_t)_mm256_movemask_epi8(found) << 32 * half;
	}
	return stops;
}
#endif

static uint64_t block_stops(const char *at, size_t left)
{
#ifdef SORI_HAVE_AVX2
	if (__builtin_cpu_supports("avx2"))
		return vector_stops(at) & (left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX);
#endif
	return portable_stops(at, left < 64 ? left : 64);
}

/* A word begins here for certain: wide punctuation (E2, E3) is left out, a mark could still belong to what is before. */
static bool begins_word(unsigned char byte)
{
	return sori_is_word_byte(byte) || (byte >= 0xc3 && byte != 0xe2 && byte != 0xe3);
}

struct borders {
	struct sori_view text;
	uint64_t stops; /* not yet looked at, of the block */
	uint32_t block;
};

static void open_borders(struct borders *b, struct sori_view text)
{
	*b = (struct borders){.text = text, .stops = text.length ? block_stops(text.at, text.length) : 0};
}

/* End of the passage that begins behind the last border given; the text's length at last. */
static uint32_t next_border(struct borders *b)
{
	uint32_t length = (uint32_t)b->text.length;
	for (;;) {
		for (; b->stops; b->stops &= b->stops - 1) {
			uint32_t at = b->block + (uint32_t)__builtin_ctzll(b->stops);
			uint32_t next = at + (b->text.at[at] == SORI_CHAR_BREAK ? 1 : 2);
			if (next < length && (next == at + 1 || b->text.at[at + 1] == ' ') &&
			    begins_word((unsigned char)b->text.at[next])) {
				b->stops &= b->stops - 1;
				return next;
			}
		}
		b->block += 64;
		if (b->block >= length)
			return length;
		b->stops = block_stops(b->text.at + b->block, length - b->block);
	}
}

/* ---- handing hits on */

/* Pulls the range out of the record's masks: to the part before the first mask that it meets, or, when it begins inside
 * one, after it, without the blanks between. False when nothing is left. */
static bool leave_masks(const struct sori_matcher *m, uint32_t *start, uint32_t *end)
{
	struct sori_view text = m->record->field[SORI_ROLE_TEXT];
	for (uint32_t i = 0; i < m->record->mask_count; i++) {
		const struct sori_mask *mask = &m->batch->masks.masks[m->record->mask_first + i];
		if (mask->end <= *start || mask->start >= *end)
			continue;
		if (mask->start > *start)
			*end = mask->start;
		else
			*start = mask->end;
		while (*start < *end && (unsigned char)text.at[*end - 1] <= ' ')
			--*end;
		while (*start < *end && (unsigned char)text.at[*start] <= ' ')
			++*start;
		if (*start >= *end)
			return false;
	}
	return true;
}

/* Normalised and original text are the same, byte for byte, capitals apart. */
static bool same_places(const struct sori_matcher *m)
{
	const struct sori_map_point *points = m->batch->map.points + m->record->map_first;
	return m->record->map_count == 2 && points[0].at == 0 && points[0].original == 0 && points[0].literal;
}

struct handing {
	bool literal, unordered;
};

static bool make_room(struct sori_matcher *m, size_t count)
{
	if (SORI_GROW(m->batch->hits, m->batch->hit_capacity, m->batch->hit_count + count) != 0)
		m->failed = true;
	return !m->failed;
}

/* Hands the hit at hits[hit_count] on, its place counted from `base` so far. */
static inline void hand_on_hit(struct sori_matcher *m, struct handing *h, uint32_t base)
{
	struct sori_batch *batch = m->batch;
	struct sori_hit *hit = &batch->hits[batch->hit_count];
	hit->start += base;
	hit->end += base;
	if (!h->literal)
		sori_record_original(batch, m->record, hit->start, hit->end, &hit->start, &hit->end);
	if (m->record->mask_count && !leave_masks(m, &hit->start, &hit->end))
		return;
	if (batch->hit_count > m->first_hit && (hit[-1].start > hit->start || (hit[-1].start == hit->start &&
	    (sori_hit_compare(&hit[-1], hit) >= 0 || sori_hit_same(&hit[-1], hit)))))
		h->unordered = true;
	batch->hit_count++;
}

static void hand_on_found(struct sori_matcher *m, struct handing *h, uint32_t base)
{
	if (!m->found_count || !make_room(m, m->found_count))
		return;
	for (size_t i = 0; i < m->found_count; i++) {
		const struct sori_found_hit *found = &m->found[i];
		if (found->condition != SORI_NO_RULE && !sori_rules_conditions(m, &m->dictionary->rules[found->condition]))
			continue;
		m->batch->hits[m->batch->hit_count] = found->hit;
		hand_on_hit(m, h, base);
	}
}

static void hand_on_kept(struct sori_matcher *m, struct handing *h, const struct sori_kept_hit *kept, size_t count,
			 uint32_t base)
{
	if (!make_room(m, count))
		return;
	for (const struct sori_kept_hit *end = kept + count; kept < end; kept++) {
		const struct sori_rule *rule = kept->open ? &m->dictionary->rules[kept->entry] : NULL;
		if (rule && !sori_rules_conditions(m, rule))
			continue;
		m->batch->hits[m->batch->hit_count] = (struct sori_hit){
			.category = kept->category, .tags = kept->tags, .entry = rule ? rule->entry : kept->entry,
			.start = kept->start, .end = kept->end, .counted = kept->counted,
		};
		hand_on_hit(m, h, base);
	}
}

static int compare_hits(const void *left, const void *right)
{
	return sori_hit_compare(left, right);
}

/* Orders the record's hits; the same entry, category and span once, the counted one when there is one. */
static void order_hits(struct sori_matcher *m)
{
	struct sori_hit *hits = m->batch->hits + m->first_hit;
	size_t count = m->batch->hit_count - m->first_hit, kept = 0;
	if (count > 1)
		qsort(hits, count, sizeof *hits, compare_hits);
	for (size_t i = 0; i < count; i++)
		if (!kept || !sori_hit_same(&hits[kept - 1], &hits[i]))
			hits[kept++] = hits[i];
	m->batch->hit_count = m->first_hit + kept;
}

/* A fallback category counts only when no other pain category of the record does. */
static void settle_fallbacks(struct sori_matcher *m)
{
	const uint8_t *class = m->passages->class;
	struct sori_hit *hits = m->batch->hits + m->first_hit;
	size_t count = m->batch->hit_count - m->first_hit;
	unsigned seen = 0;
	for (size_t i = 0; i < count; i++)
		seen |= hits[i].counted ? class[hits[i].category] : 0u;
	for (size_t i = 0; i < count; i++) {
		if (seen & SORI_CLASS_PAIN && class[hits[i].category] & SORI_CLASS_FALLBACK)
			hits[i].counted = 0;
		if (hits[i].counted)
			m->record->categories[hits[i].category / 64] |= UINT64_C(1) << (hits[i].category % 64);
	}
}

/* ---- working a passage out */

/* Sets that rules over the record name. When such a rule may hold with what the passage has alone, its matches are kept,
 * with the tags of those that it would choose. */
static void look_over_record(struct sori_matcher *m, bool needed)
{
	struct sori_passages *p = m->passages;
	memset(p->own_sets, 0, m->index->rules->record_words * sizeof *p->own_sets);
	for (size_t i = 0; i < m->match_count; i++)
		sori_rules_add(m->index->rules, m->matches[i].list, SORI_WITHIN_RECORD, p->own_sets);
	p->matched = needed;
	if (needed || !sori_rules_meet(m, p->own_sets))
		return;
	p->matched = true;
	sori_rules_record(m, SORI_RULES_TAGS);
}

/* Cuts text[start, seen) and finds the terms and hits of text[start, end). */
static uint32_t work_out(struct sori_matcher *m, struct sori_view text, uint32_t start, uint32_t end, uint32_t seen,
			 bool needed)
{
	uint32_t own = end - start, words = 0;
	m->text = sori_view_slice(text, start, seen - start);
	m->base = start;
	m->wants_more = m->asked_case = false;
	m->found_count = m->match_count = 0;
	sori_memo_begin(m);
	sori_clause_cut(m);
	if (m->failed)
		return 0;
	size_t all = m->word_count;
	for (words = (uint32_t)all; words > 0 && m->words[words - 1].start >= own; words--)
		;
	while (m->mark_count && m->marks[m->mark_count - 1] >= own)
		m->mark_count--;
	m->word_count = words;
	m->text.length = own;
	sori_memo_matches(m);
	m->word_count = all;
	m->text.length = seen - start;
	if (!m->failed && m->match_count)
		sori_rules_passage(m);
	if (!m->failed)
		look_over_record(m, needed);
	return words;
}

/* Notes what the passage just worked out has for rules over the record. */
static void note_matches(struct sori_matcher *m, struct sori_passage_part *part)
{
	struct sori_passages *p = m->passages;
	part->passage = NULL;
	part->first = (uint32_t)p->live_count;
	part->count = 0;
	for (size_t i = 0; i < m->match_count; i++) {
		if (!sori_match_list(m, &m->matches[i])->over_record)
			continue;
		if (SORI_GROW(p->live, p->live_capacity, p->live_count + 1) != 0) {
			m->failed = true;
			return;
		}
		p->live[p->live_count++] = m->matches[i];
		part->count++;
	}
}

static void add_part(struct sori_matcher *m, const struct sori_passage_part *part, const uint64_t *sets)
{
	struct sori_passages *p = m->passages;
	if (SORI_GROW(p->parts, p->part_capacity, p->part_count + 1) != 0) {
		m->failed = true;
		return;
	}
	for (uint32_t w = 0; w < m->index->rules->record_words; w++)
		p->sets[w] |= sets[w];
	p->parts[p->part_count++] = *part;
}

struct taking {
	struct sori_view text; /* of the record */
	uint32_t words;        /* of the passages so far */
	struct handing handing;
};

/* What was just worked out. */
static void take_live(struct sori_matcher *m, struct taking *t, struct sori_passage_part *part, uint32_t words)
{
	hand_on_found(m, &t->handing, part->base);
	note_matches(m, part);
	if (part->count && !m->failed)
		add_part(m, part, m->passages->own_sets);
	t->words += words;
}

static void take_known(struct sori_matcher *m, struct taking *t, struct sori_passage_part *part, struct sori_passage *known)
{
	if (known->hit_count)
		hand_on_kept(m, &t->handing, sori_passage_hits(known), known->hit_count, part->base);
	part->passage = known;
	part->count = known->match_count;
	if (known->set_words)
		add_part(m, part, sori_passage_sets(known));
	t->words += known->word_count;
}

/* The passage of which scope sees text[base, seen). True when it wants to see more. */
static bool take_passage(struct sori_matcher *m, struct taking *t, struct sori_passage_part part, uint64_t hash)
{
	struct sori_passages *p = m->passages;
	struct sori_view key = sori_view_slice(t->text, part.base, part.seen - part.base);
	uint32_t own = part.end - part.base;
	bool keyed = key.length <= SORI_PASSAGE_KEY_LIMIT && p->capacity, last = part.seen == part.next;
	struct sori_passage *known = keyed ? sori_passage_find(p, key, own, hash) : NULL;
	part.words = t->words;
	if (!known) {
		struct sori_cut_counts cuts = m->cuts;
		uint32_t words = work_out(m, t->text, part.base, part.end, part.seen, false);
		bool cut = m->cuts.runs != cuts.runs || m->cuts.rules != cuts.rules || m->cuts.overlaps != cuts.overlaps;
		if (m->failed)
			return false;
		if (keyed && !cut && !m->asked_case)
			(void)sori_passage_keep(m, key, own, hash, words, NULL);
		if (m->wants_more && !last)
			return true;
		take_live(m, t, &part, words);
		return false;
	}
	if (known->wants_more && !last)
		return true;
	take_known(m, t, &part, known);
	return false;
}

/* ---- rules over the record */

static struct sori_term_match expand(const struct sori_kept_match *kept)
{
	struct sori_term_match match = {
		.start = kept->start, .end = kept->end, .tail_end = kept->tail_end, .group = kept->group, .list = kept->list,
		.first_word = kept->first_word, .word = kept->word, .tags = kept->tags, .flags = kept->flags,
		.negator_count = kept->negator_count,
	};
	for (unsigned n = 0; n < kept->negator_count; n++)
		match.negators[n] = kept->negators[n];
	return match;
}

static void gather_matches(struct sori_matcher *m)
{
	struct sori_passages *p = m->passages;
	p->gathered_count = 0;
	for (size_t i = 0; i < p->part_count; i++) {
		const struct sori_passage_part *part = &p->parts[i];
		const struct sori_kept_match *kept = part->passage ? sori_passage_matches(part->passage) : NULL;
		if (SORI_GROW(p->gathered, p->gathered_capacity, p->gathered_count + part->count) != 0) {
			m->failed = true;
			return;
		}
		for (uint32_t k = 0; k < part->count; k++) {
			struct sori_term_match *match = &p->gathered[p->gathered_count++];
			*match = kept ? expand(&kept[k]) : p->live[part->first + k];
			match->start += part->base;
			match->end += part->base;
			match->tail_end += part->base;
			match->first_word += part->words;
			match->word += part->words;
			for (unsigned n = 0; n < match->negator_count; n++)
				match->negators[n] += part->base;
		}
	}
}

/* The rules run over m->matches. */
static void swap_matches(struct sori_matcher *m)
{
	struct sori_passages *p = m->passages;
	struct sori_term_match *matches = m->matches;
	size_t count = m->match_count, capacity = m->match_capacity;
	m->matches = p->gathered;
	m->match_count = p->gathered_count;
	m->match_capacity = p->gathered_capacity;
	p->gathered = matches;
	p->gathered_count = count;
	p->gathered_capacity = capacity;
}

/* The passage has sets for rules over the record, but its matches were not kept; they are from now on. */
static void match_part(struct sori_matcher *m, struct sori_view text, struct sori_passage_part *part)
{
	struct sori_passage *known = part->passage;
	uint32_t words = work_out(m, text, part->base, part->end, part->seen, true);
	if (m->failed)
		return;
	struct sori_view key = sori_view_slice(text, part->base, known->length);
	m->wants_more = known->wants_more;
	part->passage = sori_passage_keep(m, key, known->own, known->hash, words, known);
	if (part->passage)
		part->count = part->passage->match_count;
	else
		note_matches(m, part);
}

static bool lacks_tags(const struct sori_term_match *match)
{
	return match->flags & SORI_MATCH_CHOSEN && !(match->flags & SORI_MATCH_SCOPED);
}

/* Tags of the chosen ones among gathered[0 … part->count), with words of text[…, seen). */
static void scope_part(struct sori_matcher *m, struct sori_view text, const struct sori_passage_part *part, uint32_t seen,
		       struct sori_term_match *gathered)
{
	(void)work_out(m, text, part->base, part->end, seen, true);
	for (size_t i = 0, k = 0; !m->failed && i < m->match_count && k < part->count; i++) {
		struct sori_term_match *match = &m->matches[i];
		if (!sori_match_list(m, match)->over_record)
			continue;
		struct sori_term_match *chosen = &gathered[k++];
		if (!(chosen->flags & SORI_MATCH_CHOSEN))
			continue;
		sori_scope_fill(m, match);
		chosen->flags |= SORI_MATCH_SCOPED;
		chosen->tags = match->tags;
		chosen->negator_count = match->negator_count;
		for (unsigned n = 0; n < match->negator_count; n++)
			chosen->negators[n] = match->negators[n] + part->base;
	}
	if (!m->failed && m->wants_more && seen == part->end && part->next > part->end)
		scope_part(m, text, part, part->next, gathered);
	else if (!m->failed && part->passage && seen == part->seen)
		sori_passage_tags(part->passage, gathered, part->base);
}

/* Rules over the record are run twice when they choose matches whose tags nobody has needed before. */
static void run_record(struct sori_matcher *m, struct taking *t)
{
	struct sori_passages *p = m->passages;
	for (size_t i = 0; i < p->part_count && !m->failed; i++)
		if (p->parts[i].passage && !p->parts[i].passage->matched)
			match_part(m, t->text, &p->parts[i]);
	if (!m->failed)
		gather_matches(m);
	if (m->failed)
		return;
	m->text = t->text; /* the gathered matches count from the record's start */
	m->base = 0;
	swap_matches(m);
	sori_rules_record(m, SORI_RULES_CHOOSE);
	swap_matches(m);
	struct sori_term_match *gathered = p->gathered;
	for (size_t i = 0; i < p->part_count && !m->failed; gathered += p->parts[i++].count)
		for (uint32_t k = 0; k < p->parts[i].count; k++)
			if (lacks_tags(&gathered[k])) {
				scope_part(m, t->text, &p->parts[i], p->parts[i].seen, gathered);
				break;
			}
	if (m->failed)
		return;
	m->text = t->text;
	m->base = 0;
	swap_matches(m);
	m->found_count = 0;
	sori_rules_record(m, SORI_RULES_HITS);
	swap_matches(m);
	if (!m->failed)
		hand_on_found(m, &t->handing, 0);
}

static void take_record(struct sori_matcher *m, const struct sori_passage_span *span)
{
	struct sori_passages *p = m->passages;
	struct taking t = {.text = sori_record_text(m->batch, m->record), .handing = {.literal = same_places(m)}};
	p->part_count = p->live_count = 0;
	for (uint32_t start = 0; start < t.text.length && !m->failed; start = span++->end) {
		bool last = span->end == t.text.length;
		struct sori_passage_part part = {.base = start, .end = span->end, .seen = span->end,
						 .next = last ? span->end : span[1].end};
		if (!take_passage(m, &t, part, span->hash) || m->failed)
			continue;
		part.seen = part.next;
		struct sori_view key = sori_view_slice(t.text, start, part.seen - start);
		(void)take_passage(m, &t, part, key.length <= SORI_PASSAGE_KEY_LIMIT ? sori_passage_hash(key, part.end - start) : 0);
	}
	if (p->part_count && !m->failed && sori_rules_meet(m, p->sets))
		run_record(m, &t);
	if (p->part_count)
		memset(p->sets, 0, m->index->rules->record_words * sizeof *p->sets);
	if (m->failed)
		return;
	if (t.handing.unordered)
		order_hits(m);
	settle_fallbacks(m);
}

/* ---- blocks of records, so that memory comes while something else is done */

/* Divides the record and asks for the slots of its passages. */
static bool divide(struct sori_matcher *m, const struct sori_record *record)
{
	struct sori_passages *p = m->passages;
	struct sori_view text = sori_record_text(m->batch, record);
	struct borders borders;
	open_borders(&borders, text);
	for (uint32_t start = 0, end; start < text.length; start = end) {
		end = p->undivided ? (uint32_t)text.length : next_border(&borders);
		if (SORI_GROW(p->spans, p->span_capacity, p->span_count + 1) != 0)
			return false;
		struct sori_passage_span span = {.start = start, .end = end};
		if (end - start <= SORI_PASSAGE_KEY_LIMIT) {
			span.hash = sori_passage_hash(sori_view_slice(text, start, end - start), end - start);
			sori_passage_await_slot(p, span.hash);
		}
		p->spans[p->span_count++] = span;
	}
	return true;
}

void sori_passages_run(struct sori_matcher *m, struct sori_record *records, size_t count)
{
	struct sori_passages *p = m->passages;
	size_t first[SORI_PASSAGE_BLOCK];
	p->span_count = 0;
	sori_passage_turn(p);
	for (size_t i = 0; i < count; i++) {
		first[i] = p->span_count;
		if (records[i].reason == SORI_REASON_NONE && !divide(m, &records[i])) {
			m->failed = true;
			return;
		}
	}
	for (size_t i = 0; i < p->span_count; i++)
		sori_passage_await(p, p->spans[i].hash);
	for (size_t i = 0; i < count && !m->failed; i++) {
		struct sori_record *record = &records[i];
		if (record->reason != SORI_REASON_NONE)
			continue;
		m->record = record;
		m->first_hit = m->batch->hit_count;
		memset(record->categories, 0, sizeof record->categories);
		take_record(m, p->spans + first[i]);
		record->hit_first = (uint32_t)m->first_hit;
		record->hit_count = (uint32_t)(m->batch->hit_count - m->first_hit);
	}
}

void sori_passages_whole(struct sori_matcher *m)
{
	m->text = sori_record_text(m->batch, m->record);
	m->base = 0;
	sori_memo_begin(m);
	sori_clause_cut(m);
	if (!m->failed)
		sori_memo_matches(m);
}
