/* Gold sets line by line through the streaming JSON parser: members of the outermost object only, so that depth costs
 * nothing. */
#include "pipeline/cli/gold.h"

#include <string.h>
#include <yajl/yajl_parse.h>

#include "pipeline/base/memory.h"
#include "stages/extract/table.h"

enum member { MEMBER_OTHER, MEMBER_ID, MEMBER_LANGUAGE, MEMBER_SOURCE, MEMBER_TEXT, MEMBER_CATEGORIES, MEMBER_UNSURE };

#define LIST_LIMIT 64

struct line {
	struct sori_gold *gold;
	struct sori_gold_text *text;
	unsigned depth;
	bool in_list, failed; /* failed: memory */
	enum member member;
	struct sori_view list[LIST_LIMIT];
	size_t list_count;
};

static struct sori_view keep(struct line *line, const unsigned char *at, size_t length)
{
	struct sori_view copy = sori_arena_copy(&line->gold->arena, sori_view_make((const char *)at, length));

	line->failed |= length && !copy.at;
	return copy;
}

static int on_string(void *user, const unsigned char *at, size_t length)
{
	struct line *line = user;
	struct sori_view *simple = line->member == MEMBER_ID	     ? &line->text->id
				   : line->member == MEMBER_LANGUAGE ? &line->text->language
				   : line->member == MEMBER_SOURCE   ? &line->text->source
				   : line->member == MEMBER_TEXT     ? &line->text->text
								     : NULL;

	if (line->depth == 1 && simple)
		*simple = keep(line, at, length);
	if (line->depth == 2 && line->in_list) {
		if (line->list_count == LIST_LIMIT)
			return 0;
		line->list[line->list_count++] = keep(line, at, length);
	}
	return !line->failed;
}

static int on_key(void *user, const unsigned char *at, size_t length)
{
	static const char *const names[] = {"", "id", "lang", "source", "text", "categories", "unsure"};
	struct line *line = user;

	if (line->depth != 1)
		return 1;
	line->member = MEMBER_OTHER;
	for (size_t i = 1; i < sizeof names / sizeof *names; i++)
		if (sori_view_is(sori_view_make((const char *)at, length), names[i]))
			line->member = (enum member)i;
	return 1;
}

static int on_open(void *user)
{
	struct line *line = user;

	line->depth++;
	return 1;
}

static int on_close(void *user)
{
	struct line *line = user;

	line->depth--;
	return 1;
}

static int on_list(void *user)
{
	struct line *line = user;

	if (line->depth == 0)
		return 0;
	line->in_list = line->depth == 1 && (line->member == MEMBER_CATEGORIES || line->member == MEMBER_UNSURE);
	line->list_count = 0;
	line->depth++;
	return 1;
}

static int on_list_end(void *user)
{
	struct line *line = user;
	struct sori_view *kept;

	line->depth--;
	if (!line->in_list || line->depth != 1)
		return 1;
	line->in_list = false;
	kept = sori_arena_zero(&line->gold->arena, line->list_count + 1, sizeof *kept);
	if (!kept) {
		line->failed = true;
		return 0;
	}
	for (size_t i = 0; i < line->list_count; i++)
		kept[i] = line->list[i];
	*(line->member == MEMBER_UNSURE ? &line->text->unsure : &line->text->wanted) = kept;
	*(line->member == MEMBER_UNSURE ? &line->text->unsure_count : &line->text->wanted_count) = line->list_count;
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_string = on_string,
	.yajl_start_map = on_open,
	.yajl_map_key = on_key,
	.yajl_end_map = on_close,
	.yajl_start_array = on_list,
	.yajl_end_array = on_list_end,
};

static enum sori_status read_line(struct sori_gold *gold, struct sori_view bytes, const char *path, uint64_t number,
				  struct sori_error *error)
{
	struct line line = {.gold = gold};
	yajl_handle handle;
	bool good;

	if (SORI_GROW(gold->texts, gold->capacity, gold->count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	line.text = &gold->texts[gold->count];
	*line.text = (struct sori_gold_text){0};
	handle = yajl_alloc(&callbacks, NULL, &line);
	if (!handle)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	good = yajl_parse(handle, (const unsigned char *)bytes.at, bytes.length) == yajl_status_ok &&
	       yajl_complete_parse(handle) == yajl_status_ok;
	yajl_free(handle);
	if (line.failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	if (!good || !line.text->text.at || !line.text->wanted) {
		(void)sori_fail(error, SORI_DATA,
				good ? "a gold text needs \"text\" and \"categories\""
				     : "no JSON object of a gold text");
		return sori_error_at(error, path, number, 0);
	}
	gold->count++;
	return SORI_OK;
}

enum sori_status sori_gold_read(struct sori_gold *gold, const char *path, struct sori_error *error)
{
	struct sori_view bytes, rest;
	enum sori_status status;

	*gold = (struct sori_gold){0};
	sori_arena_init(&gold->arena, (size_t)1024 * 1024);
	status = sori_file_read(&bytes, &gold->arena, path, error);
	rest = bytes;
	for (uint64_t number = 1; status == SORI_OK && rest.length; number++) {
		const char *end = memchr(rest.at, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.at) : rest.length;
		struct sori_view line = sori_view_trim(sori_view_slice(rest, 0, length));

		if (line.length)
			status = read_line(gold, line, path, number, error);
		rest = sori_view_slice(rest, length + (end ? 1 : 0), rest.length);
	}
	if (status == SORI_OK && gold->count == 0)
		status = sori_fail(error, SORI_DATA, "%s holds no gold text", path);
	return status;
}

void sori_gold_release(struct sori_gold *gold)
{
	sori_free(gold->texts);
	sori_arena_release(&gold->arena);
	*gold = (struct sori_gold){0};
}
