/* yajl with one handle for many elements ("multiple values"): making a handle costs more than parsing a short element. A
 * handle that has failed is replaced. */
#include "stages/read_json/walk.h"

#include <setjmp.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "pipeline/base/memory.h"
#include "stages/read_json/scan.h"

struct block {
	struct block *next, *before;
};

struct json_walker {
	yajl_handle handle;
	struct block *blocks; /* all that yajl holds */
	jmp_buf escape;       /* set while yajl allocates */
	json_take *take;
	void *user;
	char name[JSON_NAME_LIMIT];
	size_t name_length;
	size_t before[JSON_DEPTH_LIMIT + 1]; /* name length outside the object or array at each level */
	unsigned level, arrays, values;
	bool too_deep;
};

/* yajl does not look at what its allocator returns. So a failed allocation jumps out of it, and the blocks are kept in a
 * list, to be given back without its help. */
static void *link_block(struct json_walker *walker, struct block *block)
{
	if (!block)
		longjmp(walker->escape, 1);
	block->before = NULL;
	block->next = walker->blocks;
	if (block->next)
		block->next->before = block;
	walker->blocks = block;
	return block + 1;
}

static struct block *unlink_block(struct json_walker *walker, void *memory)
{
	struct block *block = (struct block *)memory - 1;
	if (block->next)
		block->next->before = block->before;
	if (block->before)
		block->before->next = block->next;
	else
		walker->blocks = block->next;
	return block;
}

static void *take_memory(void *context, size_t size)
{
	return link_block(context, sori_alloc(size + sizeof(struct block)));
}

static void *more_memory(void *context, void *old, size_t size)
{
	if (!old)
		return take_memory(context, size);
	struct block *block = unlink_block(context, old), *grown = sori_realloc(block, size + sizeof(struct block));
	if (!grown)
		sori_free(block);
	return link_block(context, grown);
}

static void give_memory(void *context, void *memory)
{
	if (memory)
		sori_free(unlink_block(context, memory));
}

static void drop_blocks(struct json_walker *walker)
{
	while (walker->blocks)
		sori_free(unlink_block(walker, walker->blocks + 1));
	walker->handle = NULL;
}

static int value(struct json_walker *walker, const char *at, size_t length)
{
	if (walker->level == 0)
		walker->values++;
	struct sori_view name = walker->level ? sori_view_make(walker->name, walker->name_length) : SORI_VIEW_LITERAL("value");
	return walker->take(walker->user, name, sori_view_make(at, length), walker->arrays > 0);
}

static int on_null(void *context) { return value(context, "", 0); }
static int on_boolean(void *context, int truth) { return truth ? value(context, "true", 4) : value(context, "false", 5); }
static int on_number(void *context, const char *at, size_t length) { return value(context, at, length); }
static int on_string(void *context, const unsigned char *at, size_t length) { return value(context, (const char *)at, length); }

static int open_level(struct json_walker *walker)
{
	if (walker->level == 0)
		walker->values++;
	if (walker->level == JSON_DEPTH_LIMIT) {
		walker->too_deep = true;
		return 0;
	}
	walker->before[walker->level++] = walker->name_length;
	return 1;
}

static int on_key(void *context, const unsigned char *at, size_t length)
{
	struct json_walker *walker = context;
	walker->name_length = walker->before[walker->level - 1];
	size_t dot = walker->name_length ? 1 : 0;
	/* a name over the limit is cut: it cannot be one that was chosen */
	if (walker->name_length + dot + length > sizeof walker->name)
		length = sizeof walker->name - walker->name_length > dot ? sizeof walker->name - walker->name_length - dot : 0;
	if (dot && walker->name_length < sizeof walker->name)
		walker->name[walker->name_length++] = '.';
	memcpy(walker->name + walker->name_length, at, length);
	walker->name_length += length;
	return 1;
}

static int on_open_object(void *context) { return open_level(context); }

static int on_close_object(void *context)
{
	struct json_walker *walker = context;
	walker->name_length = walker->before[--walker->level];
	return 1;
}

static int on_open_array(void *context)
{
	struct json_walker *walker = context;
	walker->arrays++;
	return open_level(walker);
}

static int on_close_array(void *context)
{
	((struct json_walker *)context)->arrays--;
	return on_close_object(context);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_open_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_close_object,
	.yajl_start_array = on_open_array,
	.yajl_end_array = on_close_array,
};

static bool renew(struct json_walker *walker)
{
	yajl_alloc_funcs memory = {take_memory, more_memory, give_memory, walker};
	drop_blocks(walker);
	if (setjmp(walker->escape)) {
		drop_blocks(walker);
		return false;
	}
	walker->handle = yajl_alloc(&callbacks, &memory, walker);
	/* validity was checked before, vectorised */
	yajl_config(walker->handle, yajl_dont_validate_strings, 1);
	yajl_config(walker->handle, yajl_allow_multiple_values, 1);
	return true;
}

struct json_walker *sori_json_walker_new(json_take *take, void *user)
{
	struct json_walker *walker = sori_alloc_zero(1, sizeof *walker);
	if (!walker)
		return NULL;
	walker->take = take;
	walker->user = user;
	if (!renew(walker)) {
		sori_free(walker);
		return NULL;
	}
	return walker;
}

void sori_json_walker_free(struct json_walker *walker)
{
	if (!walker)
		return;
	drop_blocks(walker);
	sori_free(walker);
}

enum sori_reason sori_json_walk(struct json_walker *walker, struct sori_view element, bool *memory)
{
	static const unsigned char blank[] = " ";
	walker->name_length = 0;
	walker->level = walker->arrays = walker->values = 0;
	walker->too_deep = false;
	*memory = false;
	if (setjmp(walker->escape)) {
		drop_blocks(walker);
		*memory = true;
		return SORI_REASON_SYNTAX;
	}
	yajl_status status = yajl_parse(walker->handle, (const unsigned char *)element.at, element.length);
	if (status == yajl_status_ok) /* a number ends with what follows it */
		status = yajl_parse(walker->handle, blank, 1);
	if (status == yajl_status_ok && walker->level == 0 && walker->values == 1)
		return SORI_REASON_NONE;
	*memory = !renew(walker);
	return walker->too_deep ? SORI_REASON_TOO_DEEP : SORI_REASON_SYNTAX;
}

/* The four hexadecimal digits of a \u escape at `at`, -1 when it is none. */
static int escape_value(struct sori_view text, size_t at)
{
	int value_of = 0;
	if (at + 6 > text.length || text.at[at] != '\\' || text.at[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + 6; i++) {
		char c = text.at[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
		if (digit < 0)
			return -1;
		value_of = value_of * 16 + digit;
	}
	return value_of;
}

bool sori_json_has_lone_surrogate(struct sori_view text)
{
	for (size_t at = 0; at < text.length;) {
		const char *next = memchr(text.at + at, '\\', text.length - at);
		if (!next)
			return false;
		at = (size_t)(next - text.at);
		int first = escape_value(text, at);
		if (first >= 0xd800 && first < 0xdc00) {
			int second = escape_value(text, at + 6);
			if (second < 0xdc00 || second > 0xdfff)
				return true;
			at += 12;
		} else if (first >= 0xdc00 && first < 0xe000) {
			return true;
		} else {
			at += 2;
		}
	}
	return false;
}
