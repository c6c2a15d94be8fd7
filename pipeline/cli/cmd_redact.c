/* Masking as a filter: JSON objects with their text masked, or plain lines. */
#include <string.h>
#include <yajl/yajl_parse.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/cli/filter.h"

static const struct sori_cli_option options[] = {
	{"plain", 0, NULL, false, "lines of text in, lines of masked text out"},
	{"jobs", 'j', "N", false, "threads (the processors there are)"},
	{0},
};

/* Rewrites one object; the value of the text column is replaced, everything else is carried over token by token. */
struct rewrite {
	struct sori_buffer *out;
	struct sori_view key, masked;
	unsigned depth;
	bool need_comma, replace_next;
};

static void separate(struct rewrite *rewrite)
{
	if (rewrite->need_comma)
		sori_buffer_add_byte(rewrite->out, ',');
	rewrite->need_comma = true;
}

static int on_null(void *user)
{
	struct rewrite *rewrite = user;

	separate(rewrite);
	sori_buffer_add_text(rewrite->out, "null");
	return 1;
}

static int on_boolean(void *user, int value)
{
	struct rewrite *rewrite = user;

	separate(rewrite);
	sori_buffer_add_text(rewrite->out, value ? "true" : "false");
	return 1;
}

static int on_number(void *user, const char *text, size_t length)
{
	struct rewrite *rewrite = user;

	separate(rewrite);
	sori_buffer_add(rewrite->out, text, length);
	return 1;
}

static int on_string(void *user, const unsigned char *text, size_t length)
{
	struct rewrite *rewrite = user;

	separate(rewrite);
	sori_buffer_add_json(rewrite->out, rewrite->replace_next && rewrite->depth == 1
						   ? rewrite->masked
						   : sori_view_make((const char *)text, length));
	rewrite->replace_next = false;
	return 1;
}

static int on_key(void *user, const unsigned char *text, size_t length)
{
	struct rewrite *rewrite = user;
	struct sori_view key = sori_view_make((const char *)text, length);

	separate(rewrite);
	sori_buffer_add_json(rewrite->out, key);
	sori_buffer_add_byte(rewrite->out, ':');
	rewrite->need_comma = false;
	rewrite->replace_next = rewrite->depth == 1 && sori_view_equal(key, rewrite->key);
	return 1;
}

static int open_container(struct rewrite *rewrite, char brace)
{
	separate(rewrite);
	sori_buffer_add_byte(rewrite->out, brace);
	rewrite->need_comma = false;
	rewrite->replace_next = false;
	rewrite->depth++;
	return 1;
}

static int close_container(struct rewrite *rewrite, char brace)
{
	sori_buffer_add_byte(rewrite->out, brace);
	rewrite->need_comma = true;
	rewrite->depth--;
	return 1;
}

static int on_map(void *user)
{
	return open_container(user, '{');
}

static int on_map_end(void *user)
{
	return close_container(user, '}');
}

static int on_array(void *user)
{
	return open_container(user, '[');
}

static int on_array_end(void *user)
{
	return close_container(user, ']');
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_map,
	.yajl_map_key = on_key,
	.yajl_end_map = on_map_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

static void add_masked(const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	sori_mask_text(record->field[SORI_ROLE_TEXT], batch->masks.masks + record->mask_first, record->mask_count, out);
}

static void plain_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	(void)user;
	add_masked(batch, record, out);
	sori_buffer_add_byte(out, '\n');
}

static void object_line(void *user, const struct sori_batch *batch, const struct sori_record *record, struct sori_buffer *out)
{
	struct rewrite rewrite = {.out = out, .key = sori_view_of(batch->input->column[SORI_ROLE_TEXT])};
	struct sori_buffer masked;
	yajl_handle handle;

	(void)user;
	sori_buffer_init(&masked, out->maximum);
	add_masked(batch, record, &masked);
	rewrite.masked = sori_buffer_view(&masked);
	handle = yajl_alloc(&callbacks, NULL, &rewrite);
	if (!handle || masked.failed) {
		out->failed = true;
	} else {
		/* The reader has parsed this object already, so it is well-formed. */
		(void)yajl_parse(handle, (const unsigned char *)record->raw.at, record->raw.length);
		(void)yajl_complete_parse(handle);
		sori_buffer_add_byte(out, '\n');
	}
	if (handle)
		yajl_free(handle);
	sori_buffer_release(&masked);
}

static enum sori_status redact_run(struct sori_cli *cli, struct sori_error *error)
{
	static const char *const stages[] = {"normalize", "redact", NULL};
	const char *standard_input[] = {"-"};
	struct sori_cli inner = *cli;
	bool plain = sori_cli_flag(cli, "plain");
	struct sori_filter filter = {.cli = &inner, .stages = stages, .line = plain ? plain_line : object_line};
	enum sori_status status = sori_cli_wish(cli, &filter.wish, error);

	if (cli->operand_count == 0) {
		inner.operands = standard_input;
		inner.operand_count = 1;
	}
	filter.wish.format = plain ? "text" : "jsonl";
	if (status == SORI_OK)
		status = sori_filter_run(&filter, error);
	cli->exit_code = inner.exit_code;
	return status;
}

const struct sori_command sori_command_redact = {
	.name = "redact",
	.summary = "mask personal data: JSON lines in, the same out with text masked",
	.operands = "[DUMP…]",
	.examples = "  sori redact < in.jsonl > masked.jsonl\n  sori redact --plain notes.txt\n",
	.options = options,
	.reads_input = true,
	.run = redact_run,
};
