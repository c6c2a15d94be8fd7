/* Words to lemmas. A Korean word has many guesses (배송이 = 배송 + 이, or 배송이); each guess gets a vote from every distinct
 * word that could be made of it, and each word then takes its guess with the most votes: what is really a stem carries many
 * endings. English words fall back on a shorter word of the same texts when only -s, -ed or -ing is in the way. */
#include "pipeline/cli/suggest.h"

#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/text/normalize.h"

#define VOTE 5040u /* divides well */

struct lemmatizing {
	struct sori_suggest *suggest;
	struct sori_names words, lemmas;
	struct sori_stemmer *stemmer;
	uint32_t *guesses; /* lemmas that each word may be */
	size_t guess_count, guess_capacity;
	size_t *guess_first;
};

static bool is_latin(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool add_word(struct lemmatizing *l, struct sori_view text, bool hangul)
{
	struct sori_suggest *s = l->suggest;
	struct sori_name *slot = sori_names_put(&l->words, text);

	if (!slot || SORI_GROW(s->sequence, s->sequence_capacity, s->sequence_count + 1) != 0)
		return false;
	if (slot->value == UINT32_MAX) {
		struct sori_view copy = sori_arena_copy(&s->arena, text);

		if (!copy.at || SORI_GROW(s->words, s->word_capacity, s->word_count + 1) != 0)
			return false;
		slot->key = copy;
		slot->value = (uint32_t)s->word_count;
		s->words[s->word_count++] = (struct sori_suggest_word){copy, SORI_SUGGEST_NONE, hangul, false};
	}
	s->sequence[s->sequence_count++] = slot->value;
	return true;
}

static bool add_break(struct sori_suggest *s)
{
	if (s->sequence_count && s->sequence[s->sequence_count - 1] == SORI_SUGGEST_BREAK)
		return true;
	if (SORI_GROW(s->sequence, s->sequence_capacity, s->sequence_count + 1) != 0)
		return false;
	s->sequence[s->sequence_count++] = SORI_SUGGEST_BREAK;
	return true;
}

/* Bytes of the rest of "[전화번호]", 0 when it is none: masked stretches are no words. */
static size_t placeholder_at(struct sori_view rest)
{
	const char *end = rest.length ? memchr(rest.at, ']', rest.length < 40 ? rest.length : 40) : NULL;

	return end && memchr(rest.at, ' ', (size_t)(end - rest.at)) == NULL ? (size_t)(end - rest.at) + 1 : 0;
}

/* Runs of Hangul, and Latin words with inner apostrophes; anything else but blanks is a break. */
static bool cut_text(struct lemmatizing *l, struct sori_view text)
{
	unsigned length;

	for (size_t at = 0, end; at < text.length; at = end) {
		uint32_t point = sori_utf8_decode(text.at + at, &length);

		end = at + length;
		if (sori_is_hangul_syllable(point)) {
			while (end < text.length && sori_is_hangul_syllable(sori_utf8_decode(text.at + end, &length)))
				end += length;
			if (!add_word(l, sori_view_slice(text, at, end - at), true))
				return false;
		} else if (is_latin((unsigned char)text.at[at])) {
			while (end < text.length && (is_latin((unsigned char)text.at[end]) ||
						     (text.at[end] == '\'' && end + 1 < text.length && is_latin((unsigned char)text.at[end + 1]))))
				end++;
			if (!add_word(l, sori_view_slice(text, at, end - at), false))
				return false;
		} else {
			end += point == '[' ? placeholder_at(sori_view_slice(text, end, text.length)) : 0;
			if (point != ' ' && point != '\t' && !add_break(l->suggest))
				return false;
		}
	}
	return add_break(l->suggest);
}

static bool cut_texts(struct lemmatizing *l)
{
	struct sori_suggest *s = l->suggest;
	struct sori_buffer normal;
	bool good = true;

	sori_buffer_init(&normal, (size_t)1 << 26);
	for (size_t i = 0; i < s->text_count && good; i++) {
		struct sori_view text = sori_view_make(s->texts.at + s->text[i].start, s->text[i].length);

		sori_buffer_reset(&normal);
		s->text[i].word_first = s->sequence_count;
		good = sori_normalize(text, &normal, NULL) != SORI_SYSTEM && cut_text(l, sori_buffer_view(&normal));
		s->text[i].word_count = s->sequence_count - s->text[i].word_first;
	}
	sori_buffer_release(&normal);
	return good;
}

/* ---- lemmas */

static uint32_t lemma_of(struct lemmatizing *l, char kind, struct sori_view text)
{
	struct sori_suggest *s = l->suggest;
	char key[SORI_STEM_BYTES + 72] = {kind, ':'};
	struct sori_name *slot;

	if (text.length + 2 > sizeof key)
		return SORI_SUGGEST_NONE;
	memcpy(key + 2, text.at, text.length);
	slot = sori_names_put(&l->lemmas, sori_view_make(key, text.length + 2));
	if (!slot)
		return SORI_SUGGEST_NONE;
	if (slot->value == UINT32_MAX) {
		struct sori_view copy = sori_arena_copy(&s->arena, sori_view_make(key, text.length + 2));

		if (!copy.at || SORI_GROW(s->lemmas, s->lemma_capacity, s->lemma_count + 1) != 0)
			return SORI_SUGGEST_NONE;
		slot->key = copy;
		slot->value = (uint32_t)s->lemma_count;
		s->lemmas[s->lemma_count++] = (struct sori_suggest_lemma){.text = sori_view_slice(copy, 2, copy.length), .kind = kind};
	}
	return slot->value;
}

static bool add_guess(struct lemmatizing *l, uint32_t lemma)
{
	if (lemma == SORI_SUGGEST_NONE || SORI_GROW(l->guesses, l->guess_capacity, l->guess_count + 1) != 0)
		return false;
	l->guesses[l->guess_count++] = lemma;
	return true;
}

/* A word's vote is shared among its guesses; the word as it stands is always one and shares nothing. */
static void vote(struct lemmatizing *l, size_t first)
{
	uint32_t count = (uint32_t)(l->guess_count - first);

	for (size_t g = first; g < l->guess_count; g++) {
		l->suggest->lemmas[l->guesses[g]].words += count > 1 ? VOTE / (count - 1) : VOTE;
		l->suggest->lemmas[l->guesses[g]].occurrences++; /* voters, for now */
	}
}

static bool guess_korean(struct lemmatizing *l, struct sori_view word)
{
	struct sori_stem stems[SORI_STEM_LIMIT];
	size_t count;

	if (sori_view_is(word, "안") || sori_view_is(word, "못"))
		return add_guess(l, lemma_of(l, 'x', word));
	count = sori_stem_guess(l->stemmer, word, stems);
	for (size_t i = 0; i < count; i++)
		if (!add_guess(l, lemma_of(l, stems[i].kind == SORI_TERM_VERB ? 'v' : 'n', sori_view_make(stems[i].text, stems[i].length))))
			return false;
	return true;
}

/* The first shorter word of the texts; doubled consonants and a lost e included. */
static struct sori_view english_base(const struct lemmatizing *l, struct sori_view word, char room[64])
{
	static const char *const endings[] = {"'s", "s", "es", "ed", "d", "ing"};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t cut = strlen(endings[i]), length = word.length - cut;

		if (word.length < cut + 3 || word.length > 60 || memcmp(word.at + length, endings[i], cut) != 0)
			continue;
		memcpy(room, word.at, length);
		if (sori_names_find(&l->words, sori_view_make(room, length)))
			return sori_view_make(room, length);
		room[length] = 'e';
		if (i >= 3 && sori_names_find(&l->words, sori_view_make(room, length + 1)))
			return sori_view_make(room, length + 1);
		if (i >= 3 && length > 3 && room[length - 1] == room[length - 2] && sori_names_find(&l->words, sori_view_make(room, length - 1)))
			return sori_view_make(room, length - 1);
	}
	return word;
}

static bool guess_word(struct lemmatizing *l, size_t word)
{
	struct sori_suggest_word *w = &l->suggest->words[word];
	char room[64];
	struct sori_view base;

	if (w->hangul)
		return guess_korean(l, w->text);
	base = english_base(l, w->text, room);
	if (base.length < 3 || base.length > 60 || (base.at[0] >= '0' && base.at[0] <= '9'))
		return true;
	return add_guess(l, lemma_of(l, 'e', base));
}

static bool guess_all(struct lemmatizing *l)
{
	struct sori_suggest *s = l->suggest;

	l->guess_first = sori_alloc_zero(s->word_count + 2, sizeof *l->guess_first);
	if (!l->guess_first)
		return false;
	for (size_t i = 0; i < s->word_count; i++) {
		l->guess_first[i] = l->guess_count;
		if (!guess_word(l, i))
			return false;
		vote(l, l->guess_first[i]);
	}
	l->guess_first[s->word_count] = l->guess_count;
	return true;
}

/* Particles that hardly ever end a noun. */
static bool is_particle(struct sori_view tail)
{
	static const char *const particles[] = {"을", "를", "은", "는", "에", "에서", "에는", "에도", "으로", "까지", "부터", "이랑", "하고"};

	for (size_t i = 0; i < sizeof particles / sizeof *particles; i++)
		if (sori_view_is(tail, particles[i]))
			return true;
	return false;
}

/* Most votes; with equal ones a noun before a particle, then the longer stem, then a noun. */
static bool is_better(struct sori_view word, const struct sori_suggest_lemma *now, const struct sori_suggest_lemma *best)
{
	size_t length = now->text.length - (now->kind == 'v' ? 3 : 0), other = best->text.length - (best->kind == 'v' ? 3 : 0);
	bool cut = now->kind == 'n' && is_particle(sori_view_slice(word, length, word.length));
	bool other_cut = best->kind == 'n' && is_particle(sori_view_slice(word, other, word.length));

	if (now->words != best->words)
		return now->words > best->words;
	if (cut != other_cut)
		return cut;
	return length != other ? length > other : now->kind < best->kind;
}

/* A noun that also stands alone, and not only so, is one: 장바구니에 is no 장바구 + 니에. */
static void favour_bare(struct lemmatizing *l)
{
	for (size_t i = 0; i < l->suggest->lemma_count; i++) {
		struct sori_suggest_lemma *lemma = &l->suggest->lemmas[i];

		if (lemma->kind == 'n' && lemma->occurrences > 1 && sori_names_find(&l->words, lemma->text))
			lemma->words += lemma->words / 2;
		lemma->occurrences = 0;
	}
}

static void elect(struct lemmatizing *l)
{
	struct sori_suggest *s = l->suggest;

	favour_bare(l);
	for (size_t i = 0; i < s->word_count; i++)
		for (size_t g = l->guess_first[i]; g < l->guess_first[i + 1]; g++) {
			uint32_t best = s->words[i].lemma;

			if (best == SORI_SUGGEST_NONE || is_better(s->words[i].text, &s->lemmas[l->guesses[g]], &s->lemmas[best]))
				s->words[i].lemma = l->guesses[g];
		}
}

/* ---- which are known, which say nothing */

static bool is_plain(const struct sori_suggest_lemma *lemma)
{
	static const char *const plain[] = {
		"하다", "되다", "있다", "없다", "같다", "이다", "아니다", "보다", "주다", "가다", "오다", "나다", "들다", "내다", "놓다",
		"두다", "받다", "쓰다", "사다", "알다", "모르다", "싶다", "않다", "그렇다", "이렇다", "저렇다", "어떻다", "이러다", "그러다",
		"이거", "그거", "저거", "이것", "그것", "저것", "누가", "누구", "언제", "어디", "어디서", "어떻", "이제", "지금", "오늘", "어제",
		"내일", "요즘", "처음", "다시", "정말", "진짜", "제발", "이외", "사람", "우리", "저희", "이게", "그게", "저게", "도대체", "대체",
		"하나", "하루", "이번", "다음", "모두", "전부", "매번", "항상", "그리고", "그래서", "하지만", "그런데", "근데", "물론", "역시",
		"혹시", "일단", "겨우", "정작", "그냥", "계속", "너무", "자꾸", "아예", "이런", "그런", "저런", "어떤", "무슨", "이렇게",
		"그렇게", "어떻게", "때문", "경우", "정도", "이후", "이상", "자체", "관련", "이유", "동안", "순간", "부분", "뭐이다", "이거다",
		"누가다", "그거다", "뭐하다", "어쩌다", "그러하다", "이러하다", "이따다",
		"좋다", "많다", "크다", "작다", "말다", "말하다", "생각하다", "대하다", "위하다", "통하다", "만들다", "나오다", "시키다",
		"the", "and", "for", "that", "this", "with", "was", "were", "are", "not", "but", "have", "has", "had", "you", "your", "they",
		"them", "their", "its", "it's", "i'm", "i've", "i'd", "i'll", "what", "when", "which", "who", "why", "how", "all", "any", "can",
		"can't", "don't", "didn't", "doesn't", "will", "would", "could", "should", "just", "get", "got", "about", "from", "out", "our",
		"one", "two", "been", "being", "then", "than", "there", "here", "because", "only", "also", "very", "really", "even", "over",
		"some", "more", "most", "much", "too", "does", "did", "won't", "isn't", "wasn't", "into", "after", "before", "now", "well",
		"like", "make", "made", "use", "used", "want", "need", "know", "think", "see", "say", "said", "time", "day", "way", "thing",
		"other", "another", "these", "those", "him", "her", "his", "she", "we're", "we've", "they're", "you're", "that's", "there's",
		"amp", "http", "https", "www", "com", "off", "back", "still", "where", "while", "again", "every", "each", "same", "own",
		"please", "thank", "thanks", "hello", "hey", "yes", "yeah", "okay", "let", "put", "take", "give", "come", "going", "gonna", "may",
		"might", "must", "though", "although", "since", "until", "through", "around", "between", "both", "few", "many", "such", "first",
		"last", "next", "new", "old", "good", "great", "big", "little", "lot", "people", "someone", "something", "anything", "nothing"};

	if (lemma->kind != 'e' && sori_utf8_count(lemma->text) < (lemma->kind == 'v' ? 3u : 2u))
		return true;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (sori_view_is(lemma->text, plain[i]))
			return true;
	return false;
}

/* The word alone says that something is bad, and not what. */
static bool is_general(const struct sori_suggest *s, const struct sori_record *record)
{
	for (size_t c = 0; c < s->dictionary->catalog.count; c++)
		if (s->dictionary->catalog.categories[c].fallback && (record->categories[c / 64] >> (c % 64) & 1))
			return true;
	return false;
}

static enum sori_status mark_known(struct lemmatizing *l, struct sori_error *error)
{
	struct sori_suggest *s = l->suggest;
	struct sori_matcher *matcher = NULL;
	struct sori_batch *batch = sori_batch_new();
	uint32_t *known = sori_alloc_zero(s->lemma_count + 1, sizeof *known), *all = sori_alloc_zero(s->lemma_count + 1, sizeof *all);
	enum sori_status status = batch && known && all ? sori_matcher_new(&matcher, s->dictionary, error)
							: sori_fail(error, SORI_SYSTEM, "out of memory");

	for (size_t i = 0; i < s->word_count && status == SORI_OK; i++) {
		struct sori_suggest_word *word = &s->words[i];

		status = sori_extract_text(matcher, word->text, batch, error);
		if (status != SORI_OK)
			break;
		word->known = sori_matcher_covers(matcher, 0, word->hangul ? 6 : (uint32_t)word->text.length);
		if (word->lemma != SORI_SUGGEST_NONE && is_general(s, &batch->records[0]))
			s->lemmas[word->lemma].general = true;
		if (word->lemma != SORI_SUGGEST_NONE) {
			known[word->lemma] += word->known;
			all[word->lemma]++;
		}
	}
	for (size_t i = 0; i < s->lemma_count && status == SORI_OK; i++) {
		s->lemmas[i].known = 2 * known[i] > all[i];
		s->lemmas[i].words = all[i];
		s->lemmas[i].plain = is_plain(&s->lemmas[i]) ||
				     (s->lemmas[i].kind != 'v' && sori_grammar_word(s->dictionary->grammar, s->lemmas[i].text));
	}
	sori_matcher_free(matcher);
	sori_batch_free(batch);
	sori_free(known);
	sori_free(all);
	return status;
}

enum sori_status sori_suggest_words(struct sori_suggest *suggest, struct sori_error *error)
{
	struct lemmatizing l = {.suggest = suggest};
	enum sori_status status =
		sori_stemmer_new(&l.stemmer, suggest->dictionary, suggest->folders, suggest->folder_count, error);

	if (status == SORI_OK && (!cut_texts(&l) || !guess_all(&l)))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK) {
		elect(&l);
		status = mark_known(&l, error);
	}
	for (size_t i = 0; i < suggest->sequence_count && status == SORI_OK; i++)
		if (suggest->sequence[i] != SORI_SUGGEST_BREAK && suggest->words[suggest->sequence[i]].lemma != SORI_SUGGEST_NONE)
			suggest->lemmas[suggest->words[suggest->sequence[i]].lemma].occurrences++;
	sori_stemmer_free(l.stemmer);
	sori_names_release(&l.words);
	sori_names_release(&l.lemmas);
	sori_free(l.guesses);
	sori_free(l.guess_first);
	return status;
}
