/* Status table and error texts. */
#include "pipeline/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void fill(struct sori_error *error, enum sori_status status, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

static void fill(struct sori_error *error, enum sori_status status, const char *format, va_list arguments)
{
	error->status = status;
	error->source[0] = '\0';
	error->record = error->byte = error->line = 0;
	error->column = 0;
	(void)vsnprintf(error->text, sizeof error->text, format, arguments);
}

enum sori_status sori_fail(struct sori_error *error, enum sori_status status, const char *format, ...)
{
	if (error) {
		va_list arguments;

		va_start(arguments, format);
		fill(error, status, format, arguments);
		va_end(arguments);
	}
	return status;
}

static enum sori_status status_of_errno(int saved_errno, enum sori_status otherwise)
{
	switch (saved_errno) {
	case ENOENT:
	case ENOTDIR:
		return otherwise == SORI_CANNOT_CREATE ? otherwise : SORI_NO_INPUT;
	case EACCES:
	case EPERM:
	case EROFS:
		return SORI_PERMISSION;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return SORI_SYSTEM;
	default:
		return otherwise;
	}
}

enum sori_status sori_fail_errno(struct sori_error *error, enum sori_status otherwise, int saved_errno,
				 const char *format, ...)
{
	enum sori_status status = status_of_errno(saved_errno, otherwise);

	if (error) {
		va_list arguments;
		char reason[128];
		size_t used;

		va_start(arguments, format);
		fill(error, status, format, arguments);
		va_end(arguments);
		used = strlen(error->text);
		/* The GNU strerror_r may return a static text instead of filling the buffer. */
		(void)snprintf(error->text + used, sizeof error->text - used, ": %s",
			       strerror_r(saved_errno, reason, sizeof reason));
	}
	return status;
}

enum sori_status sori_error_at(struct sori_error *error, const char *source, uint64_t line, uint32_t column)
{
	if (!error)
		return SORI_INTERNAL;
	if (source)
		(void)snprintf(error->source, sizeof error->source, "%s", source);
	error->line = line;
	error->column = column;
	return error->status;
}

int sori_status_exit_code(enum sori_status status)
{
	static const int codes[] = {
#define SORI_STATUS_CODE(name, code, words) [SORI_##name] = (code),
		SORI_STATUS_LIST(SORI_STATUS_CODE)
#undef SORI_STATUS_CODE
	};
	return (size_t)status < sizeof codes / sizeof *codes ? codes[status] : 70;
}

const char *sori_status_name(enum sori_status status)
{
	static const char *const names[] = {
#define SORI_STATUS_WORDS(name, code, words) [SORI_##name] = (words),
		SORI_STATUS_LIST(SORI_STATUS_WORDS)
#undef SORI_STATUS_WORDS
	};
	return (size_t)status < sizeof names / sizeof *names ? names[status] : "unknown status";
}
