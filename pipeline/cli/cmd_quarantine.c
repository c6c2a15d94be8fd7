/* The quarantine: list (masked), show one record's verbatim bytes, purge old files. The index is JSON lines, one a record. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <yajl/yajl_tree.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/cli.h"
#include "pipeline/core/batch.h"
#include "pipeline/text/normalize.h"
#include "pipeline/text/redact.h"

#define EXCERPT ((size_t)90) /* bytes of a record that list shows */

static const struct sori_cli_option options[] = {
	{"out", 'o', "DIR", false, "folder of the outputs (sori-out)"},
	{"keep", 0, "DAYS", false, "purge: days to keep (30)"},
	{0},
};

struct entry {
	char file[1024], reason[64], bin[256];
	long long record, line, byte, offset, length;
};

typedef enum sori_status (*entry_fn)(void *user, const char *folder, size_t number, const struct entry *entry,
				     struct sori_error *error);

static long long number_at(yajl_val object, const char *key)
{
	const char *path[] = {key, NULL};
	yajl_val value = yajl_tree_get(object, path, yajl_t_number);

	return value && YAJL_IS_INTEGER(value) ? YAJL_GET_INTEGER(value) : 0;
}

static void text_at(yajl_val object, const char *key, char *out, size_t size)
{
	const char *path[] = {key, NULL};
	yajl_val value = yajl_tree_get(object, path, yajl_t_string);

	(void)snprintf(out, size, "%s", value ? YAJL_GET_STRING(value) : "");
}

static bool parse_entry(const char *line, struct entry *entry)
{
	char problem[128];
	yajl_val object = yajl_tree_parse(line, problem, sizeof problem);

	if (!object)
		return false;
	text_at(object, "file", entry->file, sizeof entry->file);
	text_at(object, "reason", entry->reason, sizeof entry->reason);
	entry->record = number_at(object, "record");
	entry->line = number_at(object, "line");
	entry->byte = number_at(object, "byte");
	entry->offset = number_at(object, "offset");
	entry->length = number_at(object, "length");
	yajl_tree_free(object);
	return true;
}

static int is_index(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 4 && !strcmp(entry->d_name + length - 4, ".idx");
}

static enum sori_status walk_index(const char *folder, const char *name, size_t *number, entry_fn visit, void *user,
				   struct sori_error *error)
{
	char path[4096], *line = NULL;
	size_t room = 0, at = 0;
	enum sori_status status = SORI_OK;
	struct entry entry;
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	(void)snprintf(entry.bin, sizeof entry.bin, "%.*s.bin", (int)strlen(name) - 4, name);
	file = fopen(path, "rbe");
	if (!file)
		return sori_fail_errno(error, SORI_IO, errno, "cannot open %s", path);
	while (status == SORI_OK && getline(&line, &room, file) > 0) {
		at++;
		if (!parse_entry(line, &entry)) {
			status = sori_fail(error, SORI_DATA, "not an index line");
			(void)sori_error_at(error, path, at, 0);
		} else {
			status = visit(user, folder, ++*number, &entry, error);
		}
	}
	free(line); /* getline's own */
	(void)fclose(file);
	return status;
}

static enum sori_status walk(const char *folder, entry_fn visit, void *user, struct sori_error *error)
{
	struct dirent **names;
	int count = scandir(folder, &names, is_index, alphasort);
	enum sori_status status = SORI_OK;
	size_t number = 0;

	if (count < 0)
		return sori_fail_errno(error, SORI_IO, errno, "cannot read %s", folder);
	for (int i = 0; i < count; i++) {
		if (status == SORI_OK)
			status = walk_index(folder, names[i]->d_name, &number, visit, user, error);
		free(names[i]);
	}
	free(names);
	return status;
}

/* The record's bytes; the caller frees. */
static enum sori_status read_bytes(const char *folder, const struct entry *entry, char **bytes, struct sori_error *error)
{
	char path[4096];
	FILE *file;
	bool ok;

	(void)snprintf(path, sizeof path, "%s/%s", folder, entry->bin);
	*bytes = sori_alloc((size_t)entry->length + 1);
	if (!*bytes)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	file = fopen(path, "rbe");
	ok = file && fseek(file, (long)entry->offset, SEEK_SET) == 0 &&
	     fread(*bytes, 1, (size_t)entry->length, file) == (size_t)entry->length;
	if (file)
		(void)fclose(file);
	if (ok)
		return SORI_OK;
	sori_free(*bytes);
	*bytes = NULL;
	return sori_fail(error, SORI_IO, "%s does not hold the record that its index names", path);
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

static enum sori_status list_one(void *user, const char *folder, size_t number, const struct entry *entry,
				 struct sori_error *error)
{
	enum sori_status status;
	char *bytes;

	(void)user;
	(void)printf("%zu  %s:%lld  record %lld, byte %lld, %lld bytes: %s\n    ", number, entry->file, entry->line, entry->record,
		     entry->byte, entry->length, entry->reason);
	status = read_bytes(folder, entry, &bytes, error);
	if (status == SORI_OK)
		print_excerpt(sori_view_make(bytes, (size_t)entry->length));
	sori_free(bytes);
	return status;
}

struct show {
	size_t wanted; /* 0: all */
	size_t shown;
};

static enum sori_status show_one(void *user, const char *folder, size_t number, const struct entry *entry,
				 struct sori_error *error)
{
	struct show *show = user;
	enum sori_status status;
	char *bytes;

	if (show->wanted && number != show->wanted)
		return SORI_OK;
	status = read_bytes(folder, entry, &bytes, error);
	if (status == SORI_OK)
		status = sori_cli_print(sori_view_make(bytes, (size_t)entry->length), error);
	if (status == SORI_OK && entry->length && bytes[entry->length - 1] != '\n')
		(void)putchar('\n');
	show->shown++;
	sori_free(bytes);
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
		return walk(folder, list_one, NULL, error);
	if (!strcmp(what, "purge"))
		return purge(folder, sori_cli_value(cli, "keep"), error);
	if (strcmp(what, "show") != 0)
		return sori_fail(error, SORI_USAGE, "quarantine takes list, show or purge, not '%s'", what);
	if (cli->operand_count > 1) {
		if (!sori_view_to_u64(sori_view_of(cli->operands[1]), &wanted) || wanted == 0)
			return sori_fail(error, SORI_USAGE, "show takes the number that list prints, not '%s'", cli->operands[1]);
		show.wanted = (size_t)wanted;
	}
	status = walk(folder, show_one, &show, error);
	if (status == SORI_OK && show.wanted && !show.shown)
		return sori_fail(error, SORI_NO_INPUT, "there is no record %zu in the quarantine", show.wanted);
	return status;
}

const struct sori_command sori_command_quarantine = {
	.name = "quarantine",
	.summary = "rejected records: list them masked, show their bytes, purge old ones",
	.operands = "list | show [N] | purge",
	.examples = "  sori quarantine list --out /srv/sori\n  sori quarantine show 3 > record.csv\n",
	.details = "show prints the verbatim, unmasked bytes of record N (without N: of all of them). Mended, and with the dump's header\n"
		   "line before them, they can be given to sori run again.\n",
	.options = options,
	.run = quarantine_run,
};
