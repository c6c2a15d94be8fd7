/* Status codes and the detail that goes with them. Functions return a status; the detail goes to the caller's
 * struct sori_error. Only pipeline/cli turns either into words on stderr and an exit code. */
#ifndef SORI_BASE_ERROR_H
#define SORI_BASE_ERROR_H

#include <stdarg.h>
#include <stdint.h>

/* X(name, exit code, words): the exit codes are those of sysexits.h that DESIGN names. */
#define SORI_STATUS_LIST(X) \
	X(OK, 0, "ok") \
	X(END, 0, "end of data") \
	X(USAGE, 64, "usage") \
	X(DATA, 65, "damaged or refused data") \
	X(NO_INPUT, 66, "input not found") \
	X(INTERNAL, 70, "internal fault") \
	X(SYSTEM, 71, "system resource") \
	X(CANNOT_CREATE, 73, "cannot create") \
	X(IO, 74, "input or output") \
	X(BUSY, 75, "busy or interrupted") \
	X(PERMISSION, 77, "permission") \
	X(CONFIG, 78, "configuration or dictionary")

enum sori_status {
#define SORI_STATUS_ENUM(name, code, words) SORI_##name,
	SORI_STATUS_LIST(SORI_STATUS_ENUM)
#undef SORI_STATUS_ENUM
};

struct sori_error {
	enum sori_status status;
	char text[512];   /* one line, no newline: cause and next step */
	char source[512]; /* file or option it is about; "" when none */
	uint64_t record;  /* 1-based; 0: none */
	uint64_t byte;    /* offset in the decoded source; meaningful when record or line is set */
	uint64_t line;    /* 1-based; 0: none */
	uint32_t column;  /* 1-based, in characters; 0: none */
};

/* Fills `error` (may be NULL) with status and formatted text, clears the position, and returns `status`. */
enum sori_status sori_fail(struct sori_error *error, enum sori_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As sori_fail for a failed system call: appends strerror of `saved_errno`, picks the status from it
 * (ENOENT: NO_INPUT, EACCES/EPERM: PERMISSION, ENOMEM/EMFILE/ENFILE: SYSTEM, else `otherwise`). */
enum sori_status sori_fail_errno(struct sori_error *error, enum sori_status otherwise, int saved_errno,
				 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Adds where it happened and passes the status on; source may be NULL to leave it. */
enum sori_status sori_error_at(struct sori_error *error, const char *source, uint64_t line, uint32_t column);

/* Exit code and name of a status. */
int sori_status_exit_code(enum sori_status status);
const char *sori_status_name(enum sori_status status);

#endif
