/* Rejected records as dumps again, to be mended by hand. Each dump that had some becomes one small file with the dump's own
 * header line, below a folder named like its source: `sori run` then takes them for the same source, columns and ids, so a
 * mended record is new and one that was counted meanwhile is a duplicate. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/cli/rejected.h"
#include "pipeline/core/quarantine.h"

struct dump {
	char *file; /* as the quarantine names it */
	char *path; /* below the new folder */
	bool xml;
	bool cp949;
	bool no_id; /* what looks like an id in a few records was a row number in the dump */
	size_t records;
};

struct replay {
	const char *out, *to;
	struct dump *dumps;
	size_t count, capacity;
	struct dump *open; /* whose `stream` it is */
	FILE *stream;
	size_t records;
};

static enum sori_status close_stream(struct replay *replay, struct sori_error *error)
{
	FILE *stream = replay->stream;

	replay->stream = NULL;
	replay->open = NULL;
	if (stream && fclose(stream) != 0)
		return sori_fail_errno(error, SORI_IO, errno, "cannot write below %s", replay->to);
	return SORI_OK;
}

static enum sori_status open_stream(struct replay *replay, struct dump *dump, struct sori_error *error)
{
	enum sori_status status = close_stream(replay, error);
	int fd;

	if (status != SORI_OK)
		return status;
	fd = open(dump->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "%s: cannot be created", dump->path);
	replay->stream = fdopen(fd, "ab");
	if (!replay->stream) {
		(void)close(fd);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	replay->open = dump;
	return SORI_OK;
}

static enum sori_status put(struct replay *replay, struct sori_view bytes, struct sori_error *error)
{
	bool ended = bytes.length && bytes.at[bytes.length - 1] == '\n';

	if (fwrite(bytes.at, 1, bytes.length, replay->stream) != bytes.length || (!ended && fputc('\n', replay->stream) == EOF))
		return sori_fail_errno(error, SORI_IO, errno, "%s: cannot be written", replay->open->path);
	return SORI_OK;
}

/* One name below the new folder: no separators, no `.` or `..`, no .gz, since what is written is not packed. */
static void plain_name(const char *path, char *name, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t length;

	(void)snprintf(name, size, "%s", slash ? slash + 1 : path);
	length = strlen(name);
	if (length > 3 && !strcmp(name + length - 3, ".gz"))
		name[length - 3] = '\0';
	if (!strcmp(name, "-"))
		(void)snprintf(name, size, "standard-input");
	else if (name[0] == '\0' || name[0] == '.')
		(void)snprintf(name, size, "records");
}

static bool path_taken(const struct replay *replay, const char *path)
{
	for (size_t i = 0; i < replay->count; i++)
		if (!strcmp(replay->dumps[i].path, path))
			return true;
	return false;
}

/* Two dumps of one name in one source: the later ones get a number before the name. */
static enum sori_status choose_path(const struct replay *replay, const struct sori_rejected *rejected, char *path, size_t size,
				    struct sori_error *error)
{
	char source[256], name[256];
	int length;

	plain_name(rejected->source, source, sizeof source);
	plain_name(rejected->file, name, sizeof name);
	length = snprintf(path, size, "%s/%s", replay->to, source);
	if (length < 0 || (size_t)length + sizeof name + 16 > size)
		return sori_fail(error, SORI_USAGE, "the path of %s is too long", replay->to);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "%s: cannot be created", path);
	(void)snprintf(path + length, size - (size_t)length, "/%s", name);
	for (unsigned i = 2; path_taken(replay, path); i++)
		(void)snprintf(path + length, size - (size_t)length, "/%u-%s", i, name);
	return SORI_OK;
}

static enum sori_status add_dump(struct replay *replay, const struct sori_rejected *rejected, struct sori_error *error)
{
	char path[4096];
	struct dump *dump;
	struct sori_buffer header;
	enum sori_status status = choose_path(replay, rejected, path, sizeof path, error);

	if (status != SORI_OK)
		return status;
	status = close_stream(replay, error); /* growing moves the dumps */
	if (status != SORI_OK)
		return status;
	if (SORI_GROW(replay->dumps, replay->capacity, replay->count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	dump = &replay->dumps[replay->count];
	*dump = (struct dump){.file = sori_strdup_n(rejected->file, strlen(rejected->file)),
			      .path = sori_strdup_n(path, strlen(path)), .xml = strstr(rejected->stage, "xml") != NULL,
			      .cp949 = !strcmp(rejected->encoding, "cp949"), .no_id = !rejected->id[0]};
	replay->count++;
	if (!dump->file || !dump->path)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	status = open_stream(replay, dump, error);
	if (status == SORI_OK && dump->xml)
		status = put(replay, sori_view_of("<records>"), error);
	if (status != SORI_OK || !rejected->header_length)
		return status;
	sori_buffer_init(&header, (size_t)rejected->header_length + 1);
	status = sori_quarantine_bytes(replay->out, rejected->set, rejected->header_offset, rejected->header_length, &header, error);
	if (status == SORI_OK)
		status = put(replay, sori_buffer_view(&header), error);
	sori_buffer_release(&header);
	return status;
}

static enum sori_status write_one(void *user, const struct sori_rejected *rejected, struct sori_view bytes,
				  struct sori_error *error)
{
	struct replay *replay = user;
	struct dump *dump = NULL;
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < replay->count && !dump; i++)
		if (!strcmp(replay->dumps[i].file, rejected->file))
			dump = &replay->dumps[i];
	if (!dump) {
		status = add_dump(replay, rejected, error);
		dump = replay->open;
	} else if (dump != replay->open) {
		status = open_stream(replay, dump, error);
	}
	if (status == SORI_OK)
		status = put(replay, bytes, error);
	if (status == SORI_OK) {
		dump->records++;
		replay->records++;
	}
	return status;
}

static enum sori_status end_dumps(struct replay *replay, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	for (size_t i = 0; i < replay->count && status == SORI_OK; i++) {
		if (!replay->dumps[i].xml)
			continue;
		status = open_stream(replay, &replay->dumps[i], error);
		if (status == SORI_OK)
			status = put(replay, sori_view_of("</records>"), error);
	}
	return status == SORI_OK ? close_stream(replay, error) : status;
}

static void tell(const struct sori_cli *cli, const struct replay *replay)
{
	size_t without = 0;

	for (size_t i = 0; i < replay->count; i++) {
		(void)printf("%s: %zu records of %s%s%s\n", replay->dumps[i].path, replay->dumps[i].records, replay->dumps[i].file,
			     replay->dumps[i].cp949 ? " (cp949)" : "", replay->dumps[i].no_id ? " (no id column: --id=none)" : "");
		without += replay->dumps[i].no_id;
	}
	if (without && without < replay->count)
		sori_cli_note(cli, "mend them, then sori run each --out %s, with --id=none where it is said", replay->out);
	else if (replay->records)
		sori_cli_note(cli, "mend them, then: sori run %s/*%s --out %s", replay->to, without ? " --id=none" : "", replay->out);
	else
		sori_cli_note(cli, "the quarantine is empty");
}

enum sori_status sori_quarantine_replay(struct sori_cli *cli, const char *out, const char *to, struct sori_error *error)
{
	struct replay replay = {.out = out, .to = to};
	enum sori_status status;

	if (!to)
		return sori_fail(error, SORI_USAGE, "replay takes the folder to write to: sori quarantine replay DIR");
	if (mkdir(to, 0700) != 0)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "%s: cannot be created", to);
	status = sori_rejected_each(out, write_one, &replay, error);
	if (status == SORI_OK)
		status = end_dumps(&replay, error);
	if (status == SORI_OK)
		tell(cli, &replay);
	if (replay.stream)
		(void)fclose(replay.stream);
	for (size_t i = 0; i < replay.count; i++) {
		sori_free(replay.dumps[i].file);
		sori_free(replay.dumps[i].path);
	}
	sori_free(replay.dumps);
	return status;
}
