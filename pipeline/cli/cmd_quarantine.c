/* The quarantine: list (masked), show one record's verbatim bytes, write them as dumps again, purge old files. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <yajl/yajl_tree.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/cli.h"
#include "pipeline/cli/rejected.h"
#include "pipeline/core/batch.h"
#include "pipeline/core/quarantine.h"
#include "pipeline/text/normalize.h"
#include "pipeline/text/redact.h"

#define EXCERPT ((size_t)90) /* bytes of a record that list shows */

static const struct sori_cli_option options[] = {
	{"out", 'o', "DIR", false, "folder of the outputs (sori-out)"},
	{"keep", 0, "DAYS", false, "purge: days to keep (30)"},
	{0},
};

static uint64_t number_at(yajl_val object, const char *key)
{
	const char *path[] = {key, NULL};
	yajl_val value = yajl_tree_get(object, path, yajl_t_number);

	return value && YAJL_IS_INTEGER(value) && YAJL_GET_INTEGER(value) > 0 ? (uint64_t)YAJL_GET_INTEGER(value) : 0;
}

static void text_at(yajl_val object, const char *key, char *out, size_t size)
{
	const char *path[] = {key, NULL};
	yajl_val value = yajl_tree_get(object, path, yajl_t_string);

	(void)snprintf(out, size, "%s", value ? YAJL_GET_STRING(value) : "");
}

static bool parse_rejected(struct sori_view line, const char *set, struct sori_rejected *rejected)
{
	char problem[128], *text = sori_strdup_n(line.at, line.length);
	yajl_val object = text ? yajl_tree_parse(text, problem, sizeof problem) : NULL;

	sori_free(text);
	if (!object)
		return false;
	(void)snprintf(rejected->set, sizeof rejected->set, "%s", set);
	text_at(object, "file", rejected->file, sizeof rejected->file);
	text_at(object, "source", rejected->source, sizeof rejected->source);
	text_at(object, "stage", rejected->stage, sizeof rejected->stage);
	text_at(object, "encoding", rejected->encoding, sizeof rejected->encoding);
	text_at(object, "reason", rejected->reason, sizeof rejected->reason);
	text_at(object, "id", rejected->id, sizeof rejected->id);
	rejected->record = number_at(object, "record");
	rejected->line = number_at(object, "line");
	rejected->byte = number_at(object, "byte");
	rejected->offset = number_at(object, "offset");
	rejected->length = number_at(object, "length");
	rejected->header_offset = number_at(object, "header_offset");
	rejected->header_length = number_at(object, "header_length");
	yajl_tree_free(object);
	return true;
}

struct walk {
	sori_rejected_fn visit;
	void *user;
	const char *out;
	size_t number;
	struct sori_buffer bytes; /* of the record at hand */
};

static enum sori_status walk_line(void *user, const char *set, struct sori_view line, struct sori_error *error)
{
	struct walk *walk = user;
	struct sori_rejected rejected;
	enum sori_status status;

	if (!parse_rejected(line, set, &rejected))
		return sori_fail(error, SORI_DATA, "%s/quarantine/%s.idx: '%.*s' is no index line", walk->out, set,
				 (int)(line.length < 60 ? line.length : 60), line.at);
	rejected.number = ++walk->number;
	sori_buffer_reset(&walk->bytes);
	status = sori_quarantine_bytes(walk->out, set, rejected.offset, rejected.length, &walk->bytes, error);
	return status == SORI_OK ? walk->visit(walk->user, &rejected, sori_buffer_view(&walk->bytes), error) : status;
}

enum sori_status sori_rejected_each(const char *out, sori_rejected_fn visit, void *user, struct sori_error *error)
{
	struct walk walk = {.visit = visit, .user = user, .out = out};
	enum sori_status status;

	sori_buffer_init(&walk.bytes, SORI_RECORD_LIMIT * 5);
	status = sori_quarantine_each(out, walk_line, &walk, error);
	sori_buffer_release(&walk.bytes);
	return status;
}

/* Masked excerpt on one line; bytes that are no UTF-8 as \xNN. */
static void print_excerpt(struct sori_view bytes)
{
	struct sori_buffer normal, masked;
	struct sori_map map = {NULL, 0, 0};
	struct sori_mask_list masks = {NULL, 0, 0};
	struct sori_redact_options redact = {false};
	struct sori_view text = sori_view_slice(bytes, 0, sori_utf8_valid_prefix(bytes));

	sori_buffer_init(&normal, SORI_RECORD_LIMIT * 5);
	sori_buffer_init(&masked, SORI_RECORD_LIMIT * 5);
	if (sori_normalize(text, &normal, &map) == SORI_OK &&
	    sori_redact(normal.at, normal.length, map.points, map.count, &redact, &masks) == SORI_OK)
		sori_mask_text(text, masks.masks, masks.count, &masked);
	for (size_t i = 0; i < masked.length && i < EXCERPT; i++) {
		unsigned char c = (unsigned char)masked.at[i];

		if (c < 0x20 || c == 0x7f)
			(void)printf("\\x%02x", (unsigned)c);
		else
			(void)putchar(c);
		if (i + 1 == EXCERPT) /* not in the middle of a character */
			while (i + 1 < masked.length && ((unsigned char)masked.at[i + 1] & 0xc0) == 0x80)
				(void)putchar(masked.at[++i]);
	}
	(void)puts(masked.length > EXCERPT ? "…" : text.length < bytes.length ? " [not UTF-8 from here]" : "");
	sori_buffer_release(&normal);
	sori_buffer_release(&masked);
	sori_free(map.points);
	sori_free(masks.masks);
}

static enum sori_status list_one(void *user, const struct sori_rejected *rejected, struct sori_view bytes,
				 struct sori_error *error)
{
	(void)user;
	(void)error;
	(void)printf("%zu  %s:%llu  record %llu, byte %llu, %llu bytes: %s\n    ", rejected->number, rejected->file,
		     (unsigned long long)rejected->line, (unsigned long long)rejected->record, (unsigned long long)rejected->byte,
		     (unsigned long long)rejected->length, rejected->reason);
	print_excerpt(bytes);
	return SORI_OK;
}

struct show {
	size_t wanted; /* 0: all */
	size_t shown;
};

static enum sori_status show_one(void *user, const struct sori_rejected *rejected, struct sori_view bytes,
				 struct sori_error *error)
{
	struct show *show = user;
	enum sori_status status;

	if (show->wanted && rejected->number != show->wanted)
		return SORI_OK;
	status = sori_cli_print(bytes, error);
	if (status == SORI_OK && bytes.length && bytes.at[bytes.length - 1] != '\n')
		(void)putchar('\n');
	show->shown++;
	return status;
}

static enum sori_status purge(const char *folder, const char *keep, struct sori_error *error)
{
	unsigned long long days = 30;
	time_t now = time(NULL);
	struct dirent *entry;
	size_t removed = 0;
	DIR *directory;

	if (keep && !sori_view_to_u64(sori_view_of(keep), &days))
		return sori_fail(error, SORI_USAGE, "--keep takes a number of days, not '%s'", keep);
	directory = opendir(folder);
	if (!directory)
		return sori_fail_errno(error, SORI_IO, errno, "cannot read %s", folder);
	while ((entry = readdir(directory))) {
		struct stat info;

		if (entry->d_name[0] == '.' || fstatat(dirfd(directory), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(info.st_mode) || (unsigned long long)(now - info.st_mtime) < days * 86400)
			continue;
		if (unlinkat(dirfd(directory), entry->d_name, 0) != 0) {
			int saved = errno;

			(void)closedir(directory);
			return sori_fail_errno(error, SORI_IO, saved, "cannot remove %s/%s", folder, entry->d_name);
		}
		removed++;
	}
	(void)closedir(directory);
	(void)printf("%zu files removed\n", removed);
	return SORI_OK;
}

static enum sori_status quarantine_run(struct sori_cli *cli, struct sori_error *error)
{
	const char *what = cli->operand_count ? cli->operands[0] : "list";
	const char *out = sori_cli_value(cli, "out") ? sori_cli_value(cli, "out") : "sori-out";
	struct show show = {0, 0};
	unsigned long long wanted;
	enum sori_status status;
	char folder[4000];

	(void)snprintf(folder, sizeof folder, "%s/quarantine", out);
	if (access(folder, F_OK) != 0)
		return sori_fail_errno(error, SORI_NO_INPUT, errno, "no quarantine at %s", folder);
	if (!strcmp(what, "list"))
		return sori_rejected_each(out, list_one, NULL, error);
	if (!strcmp(what, "purge"))
		return purge(folder, sori_cli_value(cli, "keep"), error);
	if (!strcmp(what, "replay"))
		return sori_quarantine_replay(cli, out, cli->operand_count > 1 ? cli->operands[1] : NULL, error);
	if (strcmp(what, "show") != 0)
		return sori_fail(error, SORI_USAGE, "quarantine takes list, show, replay or purge, not '%s'", what);
	if (cli->operand_count > 1) {
		if (!sori_view_to_u64(sori_view_of(cli->operands[1]), &wanted) || wanted == 0)
			return sori_fail(error, SORI_USAGE, "show takes the number that list prints, not '%s'", cli->operands[1]);
		show.wanted = (size_t)wanted;
	}
	status = sori_rejected_each(out, show_one, &show, error);
	if (status == SORI_OK && show.wanted && !show.shown)
		return sori_fail(error, SORI_NO_INPUT, "there is no record %zu in the quarantine", show.wanted);
	return status;
}

const struct sori_command sori_command_quarantine = {
	.name = "quarantine",
	.summary = "rejected records: list them masked, show their bytes, write them as dumps to mend, purge old ones",
	.operands = "list | show [N] | replay DIR | purge",
	.examples = "  sori quarantine list --out /srv/sori\n  sori quarantine replay mend --out /srv/sori && vi mend/*/* && sori run mend/* --out /srv/sori\n",
	.details = "show prints the verbatim, unmasked bytes of record N (without N: of all of them).\n"
		   "replay writes the rejected records of each dump into the new folder DIR, as DIR/SOURCE/FILE with the dump's header\n"
		   "line: mend them there, then give DIR/* to sori run: the records keep their source and id, so none is counted twice.\n",
	.options = options,
	.run = quarantine_run,
};
