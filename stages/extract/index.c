/* Building the index and walking it.
 *
 * Why not one Aho-Corasick automaton: over 5,000 terms it needs 10 MiB of states and misses the cache at every byte. Here
 * a bitmap of the first two symbols (32 KiB) rejects nine positions in ten in a few instructions, and only then a hash
 * of those symbols leads to a small path-compressed trie for the rest of the form.
 *
 * A form is its fixed bytes and, when open, one last syllable known up to its final. It is filed under
 *   EXACT   first six bytes (two syllables)         OPEN   first syllable and an open second one
 *   ASCII   a syllable and an ASCII byte ("안 되")    LATIN  first four bytes; SHORT words of one to three
 *   single_closed / single_open                     forms of one syllable, by number */
#include "stages/extract/index.h"

#include <assert.h>
#include <stdlib.h>

#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

#define NO_OPEN UINT32_MAX

/* A form on its way into the trie. */
struct item {
	struct sori_view text; /* without the open syllable */
	uint32_t open;         /* open syllable or NO_OPEN */
	uint32_t form;
};

struct builder {
	struct sori_index *index;
	const struct sori_dictionary *dictionary;
	struct item *items;
	struct sori_arena texts; /* folded forms, while building */
	uint32_t *group_hash; /* group + 1; 0: free */
	size_t group_hash_size; /* power of two */
	uint16_t *sets; /* room for one group's */
	size_t set_capacity;
};

static void set_bit(uint64_t *bits, uint32_t at)
{
	bits[at >> 6] |= UINT64_C(1) << (at & 63);
}

static uint64_t load_padded(struct sori_view text)
{
	char bytes[8] = {0};
	memcpy(bytes, text.at, text.length < 8 ? text.length : 8);
	return sori_index_load(bytes);
}

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;
	int order = sori_view_compare(a->text, b->text);
	if (order)
		return order;
	if (a->open != b->open) /* NO_OPEN last within equal texts */
		return a->open < b->open ? -1 : 1;
	return a->form < b->form ? -1 : a->form > b->form;
}

/* The first eight bytes, in the order of compare_items. */
static uint64_t item_key(const void *item)
{
	const struct item *i = item;
	return __builtin_bswap64(load_padded(i->text));
}

static bool same_group(const struct sori_index *x, const struct sori_group *a, const struct sori_group *b,
		       const uint16_t *sets)
{
	return a->kind == b->kind && a->left == b->left && a->right == b->right && a->phrase == b->phrase && a->ex == b->ex &&
	       a->set_count == b->set_count &&
	       (a->set_count == 0 ||
		memcmp(x->group_sets + a->set_first, sets, a->set_count * sizeof *sets) == 0);
}

/* Number of the group with this content and these sets; false when memory is out. */
static bool intern_group(struct builder *b, struct sori_group group, const uint16_t *sets, uint32_t *number)
{
	struct sori_index *x = b->index;
	uint64_t seed = (uint64_t)group.kind << 16 | (uint64_t)group.left << 8 | group.right;
	struct sori_view bytes = {group.set_count ? (const char *)sets : "", group.set_count * sizeof *sets};
	size_t slot = (size_t)sori_hash64(bytes, seed) & (b->group_hash_size - 1);
	for (; b->group_hash[slot]; slot = (slot + 1) & (b->group_hash_size - 1)) {
		*number = b->group_hash[slot] - 1;
		if (same_group(x, &x->groups[*number], &group, sets))
			return true;
	}
	if (SORI_GROW(x->groups, x->group_capacity, x->group_count + 1) != 0 ||
	    SORI_GROW(x->group_sets, x->set_capacity, x->set_count + group.set_count + 1) != 0)
		return false;
	group.set_first = (uint32_t)x->set_count;
	if (group.set_count)
		memcpy(x->group_sets + x->set_count, sets, bytes.length);
	x->set_count += group.set_count;
	for (uint32_t i = 0; i < group.set_count; i++)
		group.hash |= UINT64_C(1) << sets[i] % 64;
	*number = (uint32_t)x->group_count;
	x->groups[x->group_count++] = group;
	b->group_hash[slot] = *number + 1;
	return true;
}

static const struct sori_form *form_of(const struct builder *b, size_t item)
{
	return &b->dictionary->forms[b->items[item].form];
}

static const struct sori_term *term_of(const struct builder *b, size_t item)
{
	return &b->dictionary->terms[form_of(b, item)->term];
}

/* The same decision wherever one of the two stands. */
static bool verified_alike(const struct builder *b, size_t left, size_t right)
{
	const struct sori_form *f = form_of(b, left), *g = form_of(b, right);
	const struct sori_term *t = term_of(b, left), *u = term_of(b, right);
	return f->tail == g->tail && f->open == g->open && f->upper == g->upper && t->kind == u->kind &&
	       t->left == u->left && t->right == u->right && !t->ex_count && !u->ex_count;
}

static int compare_sets(const void *left, const void *right)
{
	const uint16_t *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

/* Union of the sets of the terms of items[from, to) that are verified like items[from]; false: out of memory. */
static bool collect_sets(struct builder *b, size_t from, size_t to, size_t *count)
{
	size_t n = 0, kept = 0;
	for (size_t i = from; i < to; i++) {
		if (i != from && !verified_alike(b, from, i))
			continue;
		const struct sori_term *term = term_of(b, i);
		if (SORI_GROW(b->sets, b->set_capacity, n + term->set_count + 1) != 0)
			return false;
		for (uint32_t k = 0; k < term->set_count; k++)
			b->sets[n++] = b->dictionary->term_sets[term->set_first + k];
	}
	if (n)
		qsort(b->sets, n, sizeof *b->sets, compare_sets);
	for (size_t i = 0; i < n; i++)
		if (!kept || b->sets[kept - 1] != b->sets[i])
			b->sets[kept++] = b->sets[i];
	*count = kept;
	return true;
}

/* Appends the forms of items[from, to) as a list, one for all that are verified alike. */
static bool add_list(struct builder *b, size_t from, size_t to, uint32_t *first)
{
	struct sori_index *x = b->index;
	*first = (uint32_t)x->list_count;
	for (size_t i = from; i < to; i++) {
		bool seen = false;
		for (size_t k = from; k < i && !seen; k++)
			seen = verified_alike(b, k, i);
		if (seen)
			continue;
		const struct sori_form *form = form_of(b, i);
		const struct sori_term *term = term_of(b, i);
		struct sori_group group = {.kind = term->kind, .left = term->left, .right = term->right,
			.phrase = term->phrase, .ex = term->ex_count ? term->ex : NULL, .ex_count = term->ex_count};
		for (size_t k = i + 1; k < to && group.phrase; k++)
			group.phrase = !verified_alike(b, i, k) || term_of(b, k)->phrase;
		size_t sets;
		uint32_t number;
		if (!collect_sets(b, i, to, &sets))
			return false;
		group.set_count = (uint32_t)sets;
		if (!intern_group(b, group, b->sets, &number) ||
		    SORI_GROW(x->lists, x->list_capacity, x->list_count + 1) != 0)
			return false;
		x->lists[x->list_count++] = (struct sori_index_form){
			number, form->tail, form->open, form->upper, form->text.length <= 3,
			term->kind, term->left, term->right};
	}
	return true;
}

/* Bytes that all of items[from, to) share after `depth`, cut to a code point border. */
static size_t shared_bytes(const struct item *items, size_t from, size_t to, size_t depth)
{
	struct sori_view first = items[from].text, last = items[to - 1].text;
	size_t limit = first.length < last.length ? first.length : last.length;
	size_t at = depth;
	while (at < limit && first.at[at] == last.at[at])
		at++;
	while (at > depth && at < last.length && ((unsigned char)last.at[at] & 0xc0) == 0x80)
		at--;
	return at - depth;
}

/* Lists of items[from, to), whose text ends at this node: open ones by syllable, then closed ones. */
static bool add_endings(struct builder *b, size_t from, size_t to, uint32_t node)
{
	struct sori_index *x = b->index;
	x->nodes[node].open_first = (uint32_t)x->open_count;
	while (from < to) {
		size_t same = from;
		while (same < to && b->items[same].open == b->items[from].open)
			same++;
		uint32_t first;
		if (!add_list(b, from, same, &first))
			return false;
		if (b->items[from].open == NO_OPEN) {
			x->nodes[node].form_first = first;
			x->nodes[node].form_count = (uint16_t)(x->list_count - first);
		} else {
			if (SORI_GROW(x->opens, x->open_capacity, x->open_count + 1) != 0)
				return false;
			x->opens[x->open_count++] = (struct sori_index_open){
				(uint16_t)b->items[from].open, (uint16_t)(x->list_count - first), first};
			x->nodes[node].open_count++;
		}
		from = same;
	}
	return true;
}

static bool build_node(struct builder *b, size_t from, size_t to, size_t depth, uint32_t *node);

static bool build_children(struct builder *b, size_t from, size_t to, size_t depth, uint32_t node)
{
	struct sori_index *x = b->index;
	size_t groups = 0;
	unsigned length;
	for (size_t i = from, last = SIZE_MAX; i < to; i++) {
		uint32_t point = sori_utf8_decode(b->items[i].text.at + depth, &length);
		groups += point != last;
		last = point;
	}
	if (SORI_GROW(x->children, x->child_capacity, x->child_count + groups) != 0)
		return false;
	size_t child = x->child_count;
	x->nodes[node].child_first = (uint32_t)child;
	x->nodes[node].child_count = (uint16_t)groups;
	x->child_count += groups;
	while (from < to) {
		uint32_t point = sori_utf8_decode(b->items[from].text.at + depth, &length), made;
		unsigned other;
		size_t same = from;
		while (same < to && sori_utf8_decode(b->items[same].text.at + depth, &other) == point)
			same++;
		if (!build_node(b, from, same, depth + length, &made))
			return false;
		x->children[child++] = (struct sori_index_child){point, made};
		from = same;
	}
	return true;
}

static bool build_node(struct builder *b, size_t from, size_t to, size_t depth, uint32_t *made)
{
	struct sori_index *x = b->index;
	size_t label = shared_bytes(b->items, from, to, depth);
	if (SORI_GROW(x->nodes, x->node_capacity, x->node_count + 1) != 0 ||
	    SORI_GROW(x->bytes, x->byte_capacity, x->byte_count + label + 8) != 0)
		return false;
	uint32_t node = (uint32_t)x->node_count++;
	x->nodes[node] = (struct sori_index_node){.label = (uint32_t)x->byte_count, .label_length = (uint16_t)label};
	if (label)
		memcpy(x->bytes + x->byte_count, b->items[from].text.at + depth, label);
	x->byte_count += label;
	depth += label;
	size_t end = from;
	while (end < to && b->items[end].text.length == depth)
		end++;
	*made = node;
	return add_endings(b, from, end, node) && build_children(b, end, to, depth, node);
}

static uint32_t *find_slot(const struct sori_index *x, uint64_t key)
{
	uint32_t at = sori_index_hash(key, 32) & x->slot_mask;
	while (x->slots[at].key && x->slots[at].key != key)
		at = (at + 1) & x->slot_mask;
	return &x->slots[at].node;
}

static void put_slot(struct sori_index *x, uint64_t key, uint32_t node)
{
	uint32_t at = sori_index_hash(key, 32) & x->slot_mask;
	while (x->slots[at].key)
		at = (at + 1) & x->slot_mask;
	x->slots[at] = (struct sori_index_slot){key, node};
}

static bool is_wide(struct sori_view text)
{
	unsigned char lead = text.length ? (unsigned char)text.at[0] : 0;
	return lead == 0xe3 || (lead >= 0xea && lead <= 0xed);
}

/* Leading ASCII bytes, at most four. */
static size_t ascii_prefix(struct sori_view text)
{
	size_t n = 0;
	while (n < 4 && n < text.length && (unsigned char)text.at[n] < 0x80)
		n++;
	return n;
}

enum filing { FILE_EXACT, FILE_OPEN, FILE_ASCII, FILE_SINGLE_CLOSED, FILE_SINGLE_OPEN, FILE_LATIN, FILE_SHORT, FILE_NEVER };

/* Under which key a form is filed, and how many bytes the key stands for. */
static enum filing filing_of(const struct item *item, uint64_t *key, size_t *depth)
{
	struct sori_view text = item->text;
	uint64_t word = load_padded(text);
	*key = 0;
	*depth = text.length;
	if (text.length == 0)
		return item->open != NO_OPEN ? FILE_SINGLE_OPEN : FILE_NEVER;
	if (is_wide(text)) {
		if (text.length >= 4 && (unsigned char)text.at[3] < 0x80) {
			*key = SORI_KEY_ASCII(word);
			*depth = 4;
			return FILE_ASCII;
		}
		if (text.length >= 6) {
			*key = SORI_KEY_EXACT(word);
			*depth = 6;
			return (unsigned char)text.at[3] >= 0xe0 && (unsigned char)text.at[3] < 0xf0 ? FILE_EXACT : FILE_NEVER;
		}
		if (text.length == 3 && item->open != NO_OPEN) {
			*key = SORI_KEY_OPEN(word, item->open);
			return FILE_OPEN;
		}
		if (text.length == 3 && sori_index_letter(word) < SORI_LETTERS)
			return FILE_SINGLE_CLOSED;
		return FILE_NEVER;
	}
	if ((unsigned char)text.at[0] <= ' ' || (unsigned char)text.at[0] >= 0x7f)
		return FILE_NEVER;
	size_t ascii = ascii_prefix(text);
	*depth = ascii;
	*key = ascii == 4 ? SORI_KEY_LATIN(word) : SORI_KEY_SHORT(word, ascii);
	return ascii == 4 ? FILE_LATIN : FILE_SHORT;
}

/* The 6-byte prefixes of a form of a syllable and ASCII, for the bitmap. */
static void set_ascii_bits(struct sori_index *x, const struct item *item)
{
	char bytes[16] = {0};
	struct sori_view text = item->text;
	memcpy(bytes, text.at, text.length < 8 ? text.length : 8);
	if (text.length >= 6) {
		set_bit(x->exact, sori_index_hash(SORI_KEY_EXACT(sori_index_load(bytes)), SORI_PAIR_BITS));
		return;
	}
	if (item->open == NO_OPEN) { /* too short for the bitmap: propose every such syllable */
		uint32_t letter = sori_index_letter(load_padded(text));
		if (letter < SORI_LETTERS) {
			set_bit(x->single_any, letter);
			set_bit(x->single_start, letter);
		}
		return;
	}
	for (uint32_t final = 0; final < 28; final++) {
		char whole[16];
		memcpy(whole, bytes, sizeof whole);
		sori_utf8_encode(0xac00 + item->open * 28 + final, whole + text.length);
		set_bit(x->exact, sori_index_hash(SORI_KEY_EXACT(sori_index_load(whole)), SORI_PAIR_BITS));
	}
}

/* A one-syllable form is proposed at the start of a run only, unless its term may stand anywhere. */
static void set_single_bits(struct sori_index *x, uint32_t letter, bool anywhere)
{
	set_bit(x->single_start, letter);
	if (anywhere)
		set_bit(x->single_any, letter);
}

static void set_bits(struct builder *b, const struct item *item, enum filing filing, uint64_t key, bool anywhere)
{
	struct sori_index *x = b->index;
	uint64_t word = load_padded(item->text);
	if ((filing == FILE_LATIN || filing == FILE_SHORT) && !sori_is_word_byte((unsigned char)word)) {
		x->marks = true;
		set_bit(x->mark_starts, (uint32_t)(word & 0x7f));
	}
	switch (filing) {
	case FILE_EXACT:
		set_bit(x->exact, sori_index_hash(key, SORI_PAIR_BITS));
		break;
	case FILE_OPEN:
		set_bit(x->open, sori_index_hash(key, SORI_PAIR_BITS));
		break;
	case FILE_ASCII:
		set_ascii_bits(x, item);
		break;
	case FILE_SINGLE_CLOSED:
		set_single_bits(x, sori_index_letter(word), anywhere);
		break;
	case FILE_SINGLE_OPEN:
		for (uint32_t final = 0; final < 28; final++)
			set_single_bits(x, item->open * 28 + final, anywhere);
		break;
	case FILE_LATIN:
		set_bit(x->latin4, sori_index_hash(key, SORI_LATIN_BITS));
		break;
	case FILE_SHORT:
		if (ascii_prefix(item->text) == 3)
			set_bit(x->latin3, sori_index_hash(key, SORI_LATIN_BITS));
		else if (ascii_prefix(item->text) == 2)
			set_bit(x->latin2, (uint32_t)(word & 0xffff));
		else
			set_bit(x->latin1, (uint32_t)(word & 0xff));
		break;
	case FILE_NEVER:
		break;
	}
}

/* Builds the tries of items[from, to), which share filing and key. */
static bool build_root(struct builder *b, size_t from, size_t to, enum filing filing, uint64_t key, size_t depth)
{
	struct sori_index *x = b->index;
	uint32_t node;
	if (!build_node(b, from, to, depth, &node))
		return false;
	if (filing == FILE_SINGLE_CLOSED) {
		x->single_closed[sori_index_letter(load_padded(b->items[from].text))] = node;
	} else if (filing == FILE_SINGLE_OPEN) {
		x->single_open[b->items[from].open] = node;
	} else {
		put_slot(x, key, node);
	}
	return true;
}

struct filed {
	uint64_t key;
	uint32_t filing, depth, item;
};

static int compare_keys(const struct filed *a, const struct filed *b)
{
	if (a->filing != b->filing)
		return a->filing < b->filing ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

static uint64_t filed_key(const void *item)
{
	const struct filed *filed = item;
	return (uint64_t)filed->filing << 60 | filed->key; /* keys have less than 60 bits */
}

static bool build_all(struct builder *b, struct filed *filed, struct item *sorted, size_t count)
{
	struct sori_index *x = b->index;
	struct item *all = b->items;
	if (!sori_index_sort(filed, count, sizeof *filed, filed_key, NULL))
		return false;
	uint32_t slots = 64, keys = 0;
	for (size_t i = 0; i < count; i++)
		keys += i == 0 || compare_keys(&filed[i - 1], &filed[i]) != 0;
	while (slots < 2 * keys + 2)
		slots *= 2;
	x->slot_mask = slots - 1;
	x->slots = sori_alloc_zero(slots, sizeof *x->slots);
	if (!x->slots)
		return false;
	for (size_t i = 0; i < count; i++)
		sorted[i] = all[filed[i].item];
	b->items = sorted;
	bool fine = true;
	for (size_t from = 0, to; fine && from < count; from = to) {
		to = from + 1;
		while (to < count && compare_keys(&filed[to], &filed[from]) == 0)
			to++;
		fine = build_root(b, from, to, (enum filing)filed[from].filing, filed[from].key, filed[from].depth);
	}
	b->items = all;
	return fine;
}

/* One-syllable forms have their number as key, so that equal ones group. */
static uint64_t single_key(const struct item *item, enum filing filing)
{
	return filing == FILE_SINGLE_OPEN ? item->open + 1 : sori_index_letter(load_padded(item->text)) + 1;
}

/* In Latin forms a hyphen is filed as a blank from the fifth byte on; walk reads text alike. */
static bool fold_hyphens(struct builder *b, struct sori_view *text)
{
	if (text->length <= 4 || is_wide(*text) || !memchr(text->at + 4, '-', text->length - 4))
		return true;
	struct sori_view copy = sori_arena_copy(&b->texts, *text);
	char *at = (char *)(uintptr_t)copy.at; /* our own copy */
	if (!at)
		return false;
	for (size_t i = 4; i < copy.length; i++)
		if (at[i] == '-')
			at[i] = ' ';
	*text = copy;
	return true;
}

static struct item make_item(const struct sori_form *form, uint32_t number)
{
	struct item item = {form->text, NO_OPEN, number};
	if (form->open && form->text.length >= 3) {
		uint32_t syllable = sori_index_syllable(sori_index_load((char[8]){form->text.at[form->text.length - 3],
			form->text.at[form->text.length - 2], form->text.at[form->text.length - 1]}));
		if (syllable < SORI_SYLLABLES && syllable % 28 == 0) {
			item.text.length -= 3;
			item.open = syllable / 28;
		}
	}
	return item;
}

/* The dictionary author's fault, with the term's place. */
static enum sori_status refuse(const struct sori_dictionary *dictionary, const struct sori_form *form,
			       struct sori_error *error)
{
	const struct sori_term *term = &dictionary->terms[form->term];
	sori_fail(error, SORI_CONFIG, "a term cannot begin with this character: %.*s", (int)form->text.length,
		  form->text.at);
	return sori_error_at(error, term->file < dictionary->file_count ? dictionary->files[term->file].at : NULL,
			     term->line, 0);
}

static enum sori_status index_forms(struct sori_dictionary *dictionary, struct builder *b, struct filed *filed,
				    struct item *sorted, struct sori_error *error)
{
	for (uint32_t i = 0; i < dictionary->form_count; i++) {
		b->items[i] = make_item(&dictionary->forms[i], i);
		if (!fold_hyphens(b, &b->items[i].text))
			return sori_fail(error, SORI_SYSTEM, "no memory for the index");
	}
	if (!sori_index_sort(b->items, dictionary->form_count, sizeof *b->items, item_key, compare_items))
		return sori_fail(error, SORI_SYSTEM, "no memory for the index");
	for (uint32_t i = 0; i < dictionary->form_count; i++) {
		uint64_t key;
		size_t depth;
		const struct item *item = &b->items[i];
		const struct sori_form *form = &dictionary->forms[item->form];
		enum filing filing = filing_of(item, &key, &depth);
		if (filing == FILE_NEVER)
			return refuse(dictionary, form, error);
		if (filing == FILE_SINGLE_CLOSED || filing == FILE_SINGLE_OPEN)
			key = single_key(item, filing);
		filed[i] = (struct filed){key, filing, (uint32_t)depth, i};
		set_bits(b, item, filing, key, dictionary->terms[form->term].left == SORI_LEFT_ANY);
	}
	if (!build_all(b, filed, sorted, dictionary->form_count))
		return sori_fail(error, SORI_SYSTEM, "no memory for the index");
	return SORI_OK;
}

enum sori_status sori_index_build(struct sori_dictionary *dictionary, struct sori_error *error)
{
	struct builder b = {.index = sori_alloc_zero(1, sizeof *b.index), .dictionary = dictionary};
	size_t count = (size_t)dictionary->form_count + 1;
	sori_arena_init(&b.texts, 65536);
	struct filed *filed = sori_alloc_zero(count, sizeof *filed);
	struct item *sorted = sori_alloc_zero(count, sizeof *sorted);
	b.items = sori_alloc_zero(count, sizeof *b.items);
	for (b.group_hash_size = 64; b.group_hash_size < 2 * count; b.group_hash_size *= 2)
		;
	b.group_hash = sori_alloc_zero(b.group_hash_size, sizeof *b.group_hash);
	enum sori_status status;
	if (!b.index || !b.items || !b.group_hash || !filed || !sorted || SORI_GROW(b.index->nodes, b.index->node_capacity, 64) != 0) {
		status = sori_fail(error, SORI_SYSTEM, "no memory for the index");
	} else {
		b.index->node_count = 1; /* node 0: none */
		memset(b.index->nodes, 0, sizeof *b.index->nodes);
		status = index_forms(dictionary, &b, filed, sorted, error);
	}
	sori_free(filed);
	sori_free(sorted);
	sori_free(b.items);
	sori_free(b.group_hash);
	sori_free(b.sets);
	sori_arena_release(&b.texts);
	if (status != SORI_OK) {
		sori_index_free(b.index);
		return status;
	}
	dictionary->index = b.index;
	if (!sori_index_ex(b.index))
		return sori_fail(error, SORI_SYSTEM, "no memory for the index");
	status = sori_spill_build(dictionary, error);
	return status == SORI_OK ? sori_rule_index_build(dictionary, error) : status;
}

void sori_index_free(struct sori_index *index)
{
	if (!index)
		return;
	sori_free(index->slots);
	sori_free(index->nodes);
	sori_free(index->children);
	sori_free(index->opens);
	sori_free(index->lists);
	sori_free(index->groups);
	sori_free(index->group_sets);
	sori_free(index->bytes);
	sori_free(index->ex);
	sori_rule_index_free(index->rules);
	sori_spill_free(index->spills);
	sori_free(index);
}

/* What a walk adds to. */
struct collector {
	struct sori_found *found;
	unsigned count;
	bool cut; /* the text ended where some form goes on */
};

static void collect(const struct sori_index *x, struct collector *c, uint32_t first, unsigned count, uint32_t end)
{
	for (unsigned i = 0; i < count && c->count < SORI_FOUND_LIMIT; i++)
		c->found[c->count++] = (struct sori_found){&x->lists[first + i], end};
}

static const struct sori_index_child *find_child(const struct sori_index *x, const struct sori_index_node *node,
						 uint32_t point)
{
	const struct sori_index_child *child = x->children + node->child_first;
	size_t count = node->child_count;
	if (!count)
		return NULL;
	while (count > 1) { /* without branches: the compare becomes a conditional move */
		size_t half = count / 2;
		child += child[half].point <= point ? half : 0;
		count -= half;
	}
	return child->point == point ? child : NULL;
}

static void find_open(const struct sori_index *x, const struct sori_index_node *node, uint32_t syllable, uint32_t end,
		      struct collector *c)
{
	const struct sori_index_open *open = x->opens + node->open_first;
	for (unsigned i = 0; i < node->open_count; i++)
		if (open[i].syllable == syllable)
			collect(x, c, open[i].form_first, open[i].form_count, end);
}

/* Eight bytes with '-' as ' ': the bytes equal to '-' are found by carrying (Mycroft), '-' xor ' ' is 0x0d. */
static inline uint64_t fold_word(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), sevens = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t other = word ^ ones * '-';
	uint64_t equal = ~(((other & sevens) + sevens) | other | sevens) >> 7; /* 1 in each byte that was '-' */
	return word ^ equal * 0x0d;
}

/* The label stands at `at`; in Latin text a hyphen reads as a blank. Both sides are readable 8 bytes on. */
static inline bool label_fits(const char *at, const char *label, unsigned length, bool latin)
{
	for (unsigned done = 0; done < length; done += 8) {
		uint64_t word = sori_index_load(at + done);
		uint64_t differ = (latin ? fold_word(word) : word) ^ sori_index_load(label + done);
		unsigned left = length - done;
		if (left < 8)
			differ <<= 64 - 8 * left;
		if (differ)
			return false;
	}
	return true;
}

static void walk(const struct sori_index *x, struct sori_view text, uint32_t at, uint32_t number, bool latin,
		 struct collector *c)
{
	for (;;) {
		const struct sori_index_node *node = &x->nodes[number];
		if (at + node->label_length > text.length) {
			c->cut |= label_fits(text.at + at, x->bytes + node->label, (uint32_t)text.length - at, latin);
			return;
		}
		if (!label_fits(text.at + at, x->bytes + node->label, node->label_length, latin))
			return;
		at += node->label_length;
		collect(x, c, node->form_first, node->form_count, at);
		if (!(node->child_count | node->open_count))
			return;
		if (at >= text.length) {
			c->cut = true;
			return;
		}
		unsigned length;
		uint32_t point = sori_utf8_decode(text.at + at, &length);
		if (latin && point == '-')
			point = ' ';
		if (node->open_count && sori_is_hangul_syllable(point))
			find_open(x, node, (point - 0xac00) / 28, at + 3, c);
		const struct sori_index_child *child = find_child(x, node, point);
		if (!child)
			return;
		number = child->node;
		at += length;
	}
}

static void find_latin(const struct sori_index *x, struct sori_view text, uint32_t at, uint64_t word,
		       struct collector *c)
{
	uint32_t node;
	uint32_t left = (uint32_t)text.length - at;
	if (left >= 4 && (node = *find_slot(x, SORI_KEY_LATIN(word))) != 0)
		walk(x, text, at + 4, node, true, c);
	for (uint32_t n = 1; n <= 3 && n <= left; n++)
		if (!sori_is_word_byte((unsigned char)(word >> 8 * n)) &&
		    (node = *find_slot(x, SORI_KEY_SHORT(word, n))) != 0)
			walk(x, text, at + n, node, true, c);
}

static void find(const struct sori_index *x, struct sori_view text, uint32_t at, unsigned kind, struct collector *c)
{
	uint64_t word = sori_index_load(text.at + at);
	uint32_t left = (uint32_t)text.length - at, node;
	c->cut |= left < 6;
	if (kind & SORI_CANDIDATE_LATIN) {
		find_latin(x, text, at, word, c);
		return;
	}
	if (kind & SORI_CANDIDATE_SINGLE && left >= 3) {
		uint32_t syllable = sori_index_syllable(word), letter = sori_index_letter(word);
		if (letter < SORI_LETTERS && (node = x->single_closed[letter]) != 0)
			collect(x, c, x->nodes[node].form_first, x->nodes[node].form_count, at + 3);
		if (syllable < SORI_SYLLABLES && (node = x->single_open[syllable / 28]) != 0)
			find_open(x, &x->nodes[node], syllable / 28, at + 3, c);
	}
	if (left >= 4 && !(word >> 31 & 1) && (node = *find_slot(x, SORI_KEY_ASCII(word))) != 0)
		walk(x, text, at + 4, node, false, c);
	if (left < 6)
		return;
	uint32_t second = sori_index_syllable(word >> 24);
	if (kind & SORI_CANDIDATE_OPEN && (word >> 28 & 0xf) == 0xe && second < SORI_SYLLABLES &&
	    (node = *find_slot(x, SORI_KEY_OPEN(word, second / 28))) != 0)
		find_open(x, &x->nodes[node], second / 28, at + 6, c);
	if (kind & SORI_CANDIDATE_EXACT && (node = *find_slot(x, SORI_KEY_EXACT(word))) != 0)
		walk(x, text, at + 6, node, false, c);
}

unsigned sori_index_find(const struct sori_index *x, struct sori_view text, uint32_t at, unsigned kind,
			 struct sori_found found[SORI_FOUND_LIMIT])
{
	struct collector c = {.found = found};
	find(x, text, at, kind, &c);
	return c.count;
}

unsigned sori_index_find_cut(const struct sori_index *x, struct sori_view text, uint32_t at, unsigned kind,
			     struct sori_found found[SORI_FOUND_LIMIT], bool *cut)
{
	struct collector c = {.found = found};
	find(x, text, at, kind, &c);
	*cut |= c.cut;
	return c.count;
}
