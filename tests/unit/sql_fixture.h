/* SQL on an open database, for the tests that make or read a store by hand. */
#ifndef SORI_TESTS_SQL_FIXTURE_H
#define SORI_TESTS_SQL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

/* Statements without an answer; the test fails with SQLite's message. */
static inline void sql_run(sqlite3 *database, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

/* The first column of the first row, of which there must be one. */
static inline int64_t sql_number(sqlite3 *database, const char *sql)
{
	sqlite3_stmt *row;
	int64_t value;

	if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(database));
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	value = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	return value;
}

#endif
