/* One place that knows SQLite's result codes, so that exit codes are right wherever a statement fails. */
#include "pipeline/core/store_internal.h"

#include <string.h>

enum sori_status sori_sql_failed(sqlite3 *database, struct sori_error *error)
{
	enum sori_status status = SORI_IO;

	switch (sqlite3_errcode(database) & 0xff) {
	case SQLITE_NOMEM:
		status = SORI_SYSTEM;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_INTERRUPT:
		status = SORI_BUSY;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		status = SORI_DATA;
		break;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		status = SORI_PERMISSION;
		break;
	case SQLITE_CANTOPEN:
		status = SORI_CANNOT_CREATE;
		break;
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		status = SORI_INTERNAL;
		break;
	default:
		break;
	}
	return sori_fail(error, status, "store: %s", sqlite3_errmsg(database));
}

enum sori_status sori_sql_exec(sqlite3 *database, const char *sql, struct sori_error *error)
{
	return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK ? SORI_OK : sori_sql_failed(database, error);
}

enum sori_status sori_sql_prepare(sqlite3 *database, sqlite3_stmt **statement, const char *sql, struct sori_error *error)
{
	*statement = NULL;
	if (sqlite3_prepare_v2(database, sql, -1, statement, NULL) != SQLITE_OK)
		return sori_sql_failed(database, error);
	return SORI_OK;
}

enum sori_status sori_sql_step(sqlite3_stmt *statement, struct sori_error *error)
{
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return SORI_OK;
	case SQLITE_DONE:
		return SORI_END;
	default:
		return sori_sql_failed(sqlite3_db_handle(statement), error);
	}
}

enum sori_status sori_sql_run(sqlite3_stmt *statement, struct sori_error *error)
{
	enum sori_status status = sori_sql_step(statement, error);

	while (status == SORI_OK)
		status = sori_sql_step(statement, error);
	(void)sqlite3_reset(statement);
	return status == SORI_END ? SORI_OK : status;
}

enum sori_status sori_sql_number(sqlite3 *database, const char *sql, int64_t *number, struct sori_error *error)
{
	sqlite3_stmt *statement;
	enum sori_status status = sori_sql_prepare(database, &statement, sql, error);

	*number = 0;
	if (status == SORI_OK)
		status = sori_sql_step(statement, error);
	if (status == SORI_OK)
		*number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return status == SORI_END ? SORI_OK : status;
}

struct sori_view sori_sql_text(sqlite3_stmt *statement, int column)
{
	const char *at = (const char *)sqlite3_column_text(statement, column);

	return sori_view_make(at ? at : "", at ? (size_t)sqlite3_column_bytes(statement, column) : 0);
}

void sori_sql_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	(void)sqlite3_bind_text(statement, index, text ? text : "", -1, SQLITE_TRANSIENT);
}

void sori_sql_bind_view(sqlite3_stmt *statement, int index, struct sori_view text)
{
	(void)sqlite3_bind_text(statement, index, text.at ? text.at : "", (int)text.length, SQLITE_TRANSIENT);
}
