/* Opening, locking and closing of the store.
 *
 * The lock is flock(2) on PATH.lock, not SQLite's own: it spans the whole run, from before the ledger is asked until the
 * reports are written, and it vanishes with the process. The lock file itself stays, because removing it would let two
 * writers lock two different files of one name.
 *
 * A new store is built as PATH.new without a journal and takes its name after fsync when its first run commits: the
 * bytes are written once instead of twice, and a killed first run leaves a file that the next one throws away. An
 * existing store is written through the WAL in one transaction. */
#include "pipeline/core/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/store_internal.h"

#define SETTINGS "PRAGMA cache_size = -6000; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;"

static char *join(const char *path, const char *suffix)
{
	size_t length = strlen(path), more = strlen(suffix);
	char *joined = sori_alloc(length + more + 1);

	if (!joined)
		return NULL;
	memcpy(joined, path, length);
	memcpy(joined + length, suffix, more + 1);
	return joined;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return sori_strdup_n(".", 1);
	return sori_strdup_n(path, slash == path ? 1 : (size_t)(slash - path));
}

static enum sori_status no_memory(struct sori_error *error)
{
	return sori_fail(error, SORI_SYSTEM, "out of memory");
}

static enum sori_status take_lock(struct sori_store *store, struct sori_error *error)
{
	char *name = join(store->path, ".lock");
	enum sori_status status = SORI_OK;

	if (!name)
		return no_memory(error);
	store->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock < 0)
		status = sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot create %s", name);
	else if (flock(store->lock, LOCK_EX | LOCK_NB) != 0)
		status = errno == EWOULDBLOCK
				 ? sori_fail(error, SORI_BUSY, "another run is writing to %s; wait for it to end", store->path)
				 : sori_fail_errno(error, SORI_IO, errno, "cannot lock %s", name);
	sori_free(name);
	return status;
}

static enum sori_status sync_path(const char *path, int flags, struct sori_error *error)
{
	int file = open(path, flags | O_CLOEXEC);
	int failed = file < 0 || fsync(file) != 0 ? errno : 0;

	if (file >= 0 && close(file) != 0 && !failed)
		failed = errno;
	return failed ? sori_fail_errno(error, SORI_IO, failed, "cannot sync %s", path) : SORI_OK;
}

static enum sori_status write_key(struct sori_store *store, const char *name, struct sori_error *error)
{
	char *fresh = join(name, ".new");
	int file;
	enum sori_status status;

	if (!fresh)
		return no_memory(error);
	if (getrandom(store->key, sizeof store->key, 0) != (ssize_t)sizeof store->key) {
		sori_free(fresh);
		return sori_fail_errno(error, SORI_SYSTEM, errno, "no random bytes for the pseudonym key");
	}
	(void)unlink(fresh); /* of a killed run; we hold the lock */
	file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	status = file < 0 ? sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot create %s", fresh) : SORI_OK;
	if (status == SORI_OK && write(file, store->key, sizeof store->key) != (ssize_t)sizeof store->key)
		status = sori_fail_errno(error, SORI_IO, errno, "cannot write %s", fresh);
	if (status == SORI_OK && fsync(file) != 0)
		status = sori_fail_errno(error, SORI_IO, errno, "cannot sync %s", fresh);
	if (file >= 0 && close(file) != 0 && status == SORI_OK)
		status = sori_fail_errno(error, SORI_IO, errno, "cannot close %s", fresh);
	if (status == SORI_OK && rename(fresh, name) != 0)
		status = sori_fail_errno(error, SORI_IO, errno, "cannot rename %s", fresh);
	if (status != SORI_OK && file >= 0)
		(void)unlink(fresh);
	if (status == SORI_OK)
		status = sync_path(store->folder, O_RDONLY | O_DIRECTORY, error);
	sori_free(fresh);
	return status;
}

/* The key of customer pseudonyms: made once, kept apart from the store, never shown. */
static enum sori_status load_key(struct sori_store *store, struct sori_error *error)
{
	char *name = join(store->path, ".key");
	enum sori_status status = SORI_OK;
	int file;

	if (!name)
		return no_memory(error);
	file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0 && errno == ENOENT)
		status = write_key(store, name, error);
	else if (file < 0)
		status = sori_fail_errno(error, SORI_IO, errno, "cannot read %s", name);
	else if (read(file, store->key, sizeof store->key) != (ssize_t)sizeof store->key)
		status = sori_fail(error, SORI_DATA, "%s is no pseudonym key of %d bytes; restore it from a copy", name,
				   SORI_STORE_KEY_SIZE);
	if (file >= 0)
		(void)close(file);
	sori_free(name);
	return status;
}

static enum sori_status open_database(struct sori_store *store, const char *path, int flags, struct sori_error *error)
{
	int result = sqlite3_open_v2(path, &store->database, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (result != SQLITE_OK) {
		enum sori_status status = store->database ? sori_sql_failed(store->database, error) : no_memory(error);

		return status;
	}
	(void)sqlite3_busy_timeout(store->database, 10000); /* a reader may hold the WAL for a moment */
	sori_free(store->file_path);
	store->file_path = sori_strdup_n(path, strlen(path));
	if (!store->file_path)
		return no_memory(error);
	return sori_sql_exec(store->database, SETTINGS, error);
}

static enum sori_status open_existing(struct sori_store *store, struct sori_error *error)
{
	enum sori_status status =
		open_database(store, store->path, store->write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, error);

	if (status == SORI_OK)
		status = sori_store_check_schema(store->database, error);
	if (status == SORI_OK && store->write)
		status = sori_sql_exec(store->database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", error);
	return status;
}

static enum sori_status create_file(const char *path, struct sori_error *error)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);

	if (file < 0)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot create %s", path);
	return close(file) == 0 ? SORI_OK : sori_fail_errno(error, SORI_IO, errno, "cannot close %s", path);
}

static enum sori_status open_fresh(struct sori_store *store, struct sori_error *error)
{
	char *name = join(store->path, ".new");
	enum sori_status status;

	if (!name)
		return no_memory(error);
	store->fresh = true;
	if (unlink(name) != 0 && errno != ENOENT)
		status = sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot remove %s", name);
	else
		status = create_file(name, error);
	if (status == SORI_OK)
		status = open_database(store, name, SQLITE_OPEN_READWRITE, error);
	if (status == SORI_OK)
		status = sori_sql_exec(store->database,
				       "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
				       "PRAGMA locking_mode = EXCLUSIVE;",
				       error);
	if (status == SORI_OK)
		status = sori_store_create_schema(store->database, error);
	sori_free(name);
	return status;
}

/* An empty file is a store not yet begun, whoever made it. */
static enum sori_status exists(const char *path, bool *there, struct sori_error *error)
{
	struct stat about;

	*there = false;
	if (stat(path, &about) != 0)
		return errno == ENOENT ? SORI_OK : sori_fail_errno(error, SORI_IO, errno, "cannot open %s", path);
	if (!S_ISREG(about.st_mode))
		return sori_fail(error, SORI_DATA, "%s is no regular file; give another --store", path);
	*there = about.st_size > 0;
	return SORI_OK;
}

enum sori_status sori_store_open(struct sori_store **result, const char *path, bool write, struct sori_error *error)
{
	struct sori_store *store = sori_alloc_zero(1, sizeof *store);
	struct sori_error ignored;
	enum sori_status status = SORI_OK;
	bool there = false;

	*result = NULL;
	if (!store)
		return no_memory(error);
	store->lock = -1;
	store->write = write;
	store->path = sori_strdup_n(path, strlen(path));
	store->folder = folder_of(path);
	if (!store->path || !store->folder)
		status = no_memory(error);
	if (status == SORI_OK && write)
		status = take_lock(store, error);
	if (status == SORI_OK)
		status = exists(path, &there, error);
	if (status == SORI_OK && write)
		status = load_key(store, error);
	if (status == SORI_OK && !there && !write)
		status = sori_fail(error, SORI_NO_INPUT, "there is no store %s yet; `sori run` makes it", path);
	if (status == SORI_OK)
		status = there ? open_existing(store, error) : open_fresh(store, error);
	if (status != SORI_OK) {
		(void)sori_store_close(store, &ignored);
		(void)sori_error_at(error, path, 0, 0);
		return status;
	}
	*result = store;
	return SORI_OK;
}

static enum sori_status close_database(struct sori_store *store, struct sori_error *error)
{
	sqlite3 *database = store->database;

	store->database = NULL;
	if (database && sqlite3_close(database) != SQLITE_OK)
		return sori_fail(error, SORI_INTERNAL, "store: a statement was left open");
	return SORI_OK;
}

/* The new store takes its name. */
enum sori_status sori_store_publish(struct sori_store *store, struct sori_error *error)
{
	enum sori_status status;

	if (!store->fresh)
		return SORI_OK;
	status = close_database(store, error);
	if (status == SORI_OK)
		status = sync_path(store->file_path, O_RDONLY, error);
	if (status == SORI_OK && rename(store->file_path, store->path) != 0)
		status = sori_fail_errno(error, SORI_IO, errno, "cannot rename %s", store->file_path);
	if (status != SORI_OK)
		return status;
	store->fresh = false;
	status = sync_path(store->folder, O_RDONLY | O_DIRECTORY, error);
	return status == SORI_OK ? open_existing(store, error) : status;
}

static void end_run(struct sori_store *store)
{
	sori_cells_free(store->cells);
	sori_facts_free(store->facts);
	sori_samples_free(store->samples);
	sori_voices_free(store->voices);
	sori_similar_heap_free(store->similar);
	store->similar = NULL;
	store->cells = NULL;
	store->facts = NULL;
	store->samples = NULL;
	store->voices = NULL;
	store->begun = false;
}

enum sori_status sori_store_close(struct sori_store *store, struct sori_error *error)
{
	enum sori_status status = SORI_OK;

	if (!store)
		return SORI_OK;
	if (store->in_transaction && store->database)
		(void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
	end_run(store);
	status = close_database(store, error);
	if (store->fresh && store->file_path)
		(void)unlink(store->file_path);
	if (store->lock >= 0)
		(void)close(store->lock); /* lets the lock go; nothing was written to it */
	sori_free(store->file_path);
	sori_free(store->folder);
	sori_free(store->path);
	sori_free(store);
	return status;
}

struct sqlite3 *sori_store_connection(struct sori_store *store)
{
	return store->database;
}

struct sori_cells *sori_store_cells(struct sori_store *store)
{
	return store->cells;
}

struct sori_facts *sori_store_facts(struct sori_store *store)
{
	return store->facts;
}

struct sori_voices *sori_store_voices(struct sori_store *store)
{
	return store->voices;
}

struct sori_similar_heap *sori_store_similar(struct sori_store *store)
{
	return store->similar;
}

struct sori_samples *sori_store_samples(struct sori_store *store)
{
	return store->samples;
}

const unsigned char *sori_store_key(const struct sori_store *store)
{
	return store->write ? store->key : NULL;
}
