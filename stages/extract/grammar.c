/* Reading endings.tsv: every class becomes a trie over jamo (19 initials, 21 vowels, 27 finals as different symbols);
 * the end of a string jumps to the roots of the classes that may follow, with the string's labels. The tries are a
 * nondeterministic automaton of some thousand nodes; endings.c makes deterministic states of it on demand: determinising
 * ahead of time needs 47,000 states, of which feedback text touches a few hundred. */
#include "stages/extract/grammar_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"

static const char *const label_names[] = {
#define SORI_LABEL_NAME(name, text) text,
	SORI_LABEL_LIST(SORI_LABEL_NAME)
#undef SORI_LABEL_NAME
};

static const char *const entry_names[SORI_ENTRY_COUNT] = {
	"V", "K", "B", "L", "D", "U", "W", "A", "ADV", "END", "NJv", "NJk", "NJl", "NSv", "NSk", "NSl", "NV",
};

/* Compatibility jamo U+3131..314E as final consonants, 0: cannot be one. */
static const unsigned char compat_final[] = {
	1, 2, 3, 4, 5, 6, 7, 0, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 0, 18, 19, 20, 21, 22, 0, 23, 24, 25, 26, 27,
};

enum sori_status sori_grammar_read_file(struct sori_grammar *grammar, const char *path, struct sori_view *text,
					struct sori_error *error)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return sori_fail_errno(error, SORI_IO, errno, "cannot open %s", path);
	struct sori_buffer bytes;
	sori_buffer_init(&bytes, (size_t)16 << 20);
	size_t got;
	do {
		if (!sori_buffer_reserve(&bytes, 65536))
			break;
		got = fread(bytes.at + bytes.length, 1, 65536, file);
		bytes.length += got;
	} while (got > 0);
	bool bad = ferror(file) != 0;
	if (fclose(file) != 0)
		bad = true;
	bool full = bytes.failed;
	if (!bad && !full)
		*text = sori_arena_copy(&grammar->arena, sori_buffer_view(&bytes));
	bool empty = bytes.length == 0;
	sori_buffer_release(&bytes);
	if (bad)
		return sori_fail(error, SORI_IO, "cannot read %s", path);
	if (full || (!empty && !text->at))
		return sori_fail(error, SORI_SYSTEM, "no memory to read %s", path);
	if (!sori_utf8_is_valid(*text))
		return sori_fail(error, SORI_CONFIG, "%s is not valid UTF-8", path);
	return SORI_OK;
}

static enum sori_status out_of_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "no memory for the grammar");
}

static bool add_node(struct sori_grammar *g, uint8_t symbol, uint32_t *node)
{
	if (SORI_GROW(g->nodes, g->node_capacity, g->node_count + 1) != 0)
		return false;
	g->nodes[g->node_count] = (struct sori_grammar_node){.symbol = symbol};
	*node = (uint32_t)g->node_count++;
	return true;
}

/* The root of a class, made on first mention. UINT32_MAX: out of memory or too many. */
static uint32_t class_root(struct sori_grammar *g, struct sori_view name)
{
	for (size_t i = 0; i < g->class_count; i++)
		if (sori_view_is(name, g->classes[i].name))
			return g->classes[i].root;
	if (g->class_count == SORI_CLASS_LIMIT || name.length == 0 || name.length >= sizeof g->classes[0].name)
		return UINT32_MAX;
	uint32_t root;
	if (!add_node(g, 0, &root))
		return UINT32_MAX;
	memcpy(g->classes[g->class_count].name, name.at, name.length);
	g->classes[g->class_count].name[name.length] = '\0';
	g->classes[g->class_count++].root = root;
	return root;
}

static bool add_jump(struct sori_grammar *g, uint32_t node, uint32_t root, uint32_t labels)
{
	if (SORI_GROW(g->jumps, g->jump_capacity, g->jump_count + 1) != 0)
		return false;
	g->jumps[g->jump_count] = (struct sori_grammar_jump){root, labels, g->nodes[node].jump};
	g->nodes[node].jump = (uint32_t)++g->jump_count;
	return true;
}

static bool step(struct sori_grammar *g, uint32_t *node, unsigned symbol)
{
	for (uint32_t child = g->nodes[*node].child; child; child = g->nodes[child].sibling) {
		if (g->nodes[child].symbol == symbol) {
			*node = child;
			return true;
		}
	}
	uint32_t made;
	if (!add_node(g, (uint8_t)symbol, &made))
		return false;
	g->nodes[made].sibling = g->nodes[*node].child;
	g->nodes[*node].child = made;
	*node = made;
	return true;
}

/* Walks (and makes) the path of one string; false: out of memory; *bad: a character that is no jamo. */
static bool add_string(struct sori_grammar *g, uint32_t *node, struct sori_view string, bool *bad)
{
	unsigned length;
	for (size_t at = 0; at < string.length; at += length) {
		uint32_t point = sori_utf8_decode(string.at + at, &length);
		if (sori_is_hangul_syllable(point)) {
			unsigned final = sori_hangul_final(point);
			if (!step(g, node, sori_hangul_initial(point)) ||
			    !step(g, node, SORI_JAMO_VOWEL + sori_hangul_vowel(point)) ||
			    (final && !step(g, node, SORI_JAMO_FINAL + final)))
				return false;
		} else if (at == 0 && point >= 0x3131 && point <= 0x314e && compat_final[point - 0x3131]) {
			if (!step(g, node, SORI_JAMO_FINAL + compat_final[point - 0x3131]))
				return false;
		} else {
			*bad = true;
			return true;
		}
	}
	return true;
}

/* Cuts the next piece up to `mark` off `rest`. */
static struct sori_view cut(struct sori_view *rest, char mark)
{
	const char *found = rest->length ? memchr(rest->at, mark, rest->length) : NULL;
	size_t length = found ? (size_t)(found - rest->at) : rest->length;
	struct sori_view piece = sori_view_slice(*rest, 0, length);
	*rest = sori_view_slice(*rest, length + (found ? 1 : 0), rest->length);
	return piece;
}

static bool read_labels(struct sori_view names, uint32_t *labels)
{
	*labels = 0;
	if (sori_view_is(names, "-"))
		return true;
	while (names.length) {
		struct sori_view name = cut(&names, ',');
		bool cancel = name.length && name.at[0] == '!';
		if (cancel)
			name = sori_view_slice(name, 1, name.length);
		unsigned bit = 0;
		while (bit < SORI_LABEL_BIT_COUNT && !sori_view_is(name, label_names[bit]))
			bit++;
		if (bit == SORI_LABEL_BIT_COUNT || (cancel && bit > 7))
			return false;
		*labels |= UINT32_C(1) << (cancel ? bit + SORI_LABEL_CANCEL_SHIFT : bit);
	}
	return true;
}

static enum sori_status add_jumps(struct sori_grammar *g, uint32_t node, struct sori_view next, uint32_t labels,
				  struct sori_error *error)
{
	while (next.length) {
		struct sori_view name = cut(&next, ' ');
		if (!name.length)
			continue;
		uint32_t root = class_root(g, name);
		if (root == UINT32_MAX)
			return sori_fail(error, SORI_CONFIG, "too many classes, or class name too long: %.*s",
					 (int)name.length, name.at);
		if (!add_jump(g, node, root, labels))
			return out_of_memory(error);
	}
	return SORI_OK;
}

static enum sori_status read_final(struct sori_grammar *g, struct sori_view names, struct sori_error *error)
{
	while (names.length) {
		struct sori_view name = cut(&names, ' ');
		if (!name.length)
			continue;
		uint32_t root = class_root(g, name);
		if (root == UINT32_MAX)
			return sori_fail(error, SORI_CONFIG, "too many classes");
		g->nodes[root].final = 1;
	}
	return SORI_OK;
}

static enum sori_status read_line(struct sori_grammar *g, struct sori_view line, struct sori_error *error)
{
	struct sori_view name = cut(&line, '\t');
	if (sori_view_is(name, "@final"))
		return read_final(g, line, error);
	struct sori_view next = cut(&line, '\t');
	struct sori_view label_text = cut(&line, '\t');
	uint32_t labels;
	if (!line.length)
		return sori_fail(error, SORI_CONFIG, "an ending needs class, next class, labels and strings");
	if (!read_labels(label_text, &labels))
		return sori_fail(error, SORI_CONFIG, "unknown label in: %.*s", (int)label_text.length, label_text.at);
	uint32_t root = class_root(g, name);
	if (root == UINT32_MAX)
		return sori_fail(error, SORI_CONFIG, "too many classes");
	if (sori_view_is(next, "(epsilon)"))
		return add_jumps(g, root, line, labels, error);
	enum sori_status status = SORI_OK;
	while (line.length && status == SORI_OK) {
		struct sori_view string = cut(&line, ' ');
		uint32_t node = root;
		bool bad = false;
		if (!string.length)
			continue;
		if (!add_string(g, &node, string, &bad))
			return out_of_memory(error);
		if (bad)
			return sori_fail(error, SORI_CONFIG, "not Hangul: %.*s", (int)string.length, string.at);
		status = add_jumps(g, node, next, labels, error);
	}
	return status;
}

static enum sori_status read_endings(struct sori_grammar *g, const char *path, struct sori_error *error)
{
	struct sori_view text = {0};
	enum sori_status status = sori_grammar_read_file(g, path, &text, error);
	for (uint64_t number = 1; status == SORI_OK && text.length; number++) {
		struct sori_view line = cut(&text, '\n');
		if (!line.length || line.at[0] == '#')
			continue;
		status = read_line(g, line, error);
		if (status != SORI_OK)
			return sori_error_at(error, path, number, 0);
	}
	for (unsigned i = 0; status == SORI_OK && i < SORI_ENTRY_COUNT; i++) {
		g->entries[i] = class_root(g, sori_view_of(entry_names[i]));
		if (g->entries[i] == UINT32_MAX)
			return sori_fail(error, SORI_CONFIG, "%s: too many classes", path);
	}
	return status;
}

enum sori_status sori_grammar_load(struct sori_grammar **grammar, const char *folder, struct sori_error *error)
{
	struct sori_grammar *g = sori_alloc_zero(1, sizeof *g);
	if (!g)
		return out_of_memory(error);
	sori_arena_init(&g->arena, 65536);
	char path[4096];
	uint32_t nobody;
	enum sori_status status = add_node(g, 0, &nobody) ? SORI_OK : out_of_memory(error);
	if (status == SORI_OK && snprintf(path, sizeof path, "%s/endings.tsv", folder) >= (int)sizeof path)
		status = sori_fail(error, SORI_CONFIG, "path too long: %s", folder);
	if (status == SORI_OK)
		status = read_endings(g, path, error);
	if (status == SORI_OK && snprintf(path, sizeof path, "%s/scope.tsv", folder) >= (int)sizeof path)
		status = sori_fail(error, SORI_CONFIG, "path too long: %s", folder);
	if (status == SORI_OK)
		status = sori_words_load(g, path, error);
	if (status != SORI_OK) {
		sori_grammar_free(g);
		return status;
	}
	*grammar = g;
	return SORI_OK;
}

void sori_grammar_free(struct sori_grammar *grammar)
{
	if (!grammar)
		return;
	sori_free(grammar->nodes);
	sori_free(grammar->jumps);
	sori_free(grammar->patterns);
	sori_free(grammar->buckets);
	sori_arena_release(&grammar->arena);
	sori_free(grammar);
}
