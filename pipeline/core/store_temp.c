/* O_TMPFILE where the file system has it; else a random name that is taken away again before anything is written. */
#include "pipeline/core/store_temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum sori_status sori_temp_open(const char *folder, int *file, struct sori_error *error)
{
	char name[4200];
	int length;

	*file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*file >= 0)
		return SORI_OK;
	length = snprintf(name, sizeof name, "%s/.sori-XXXXXX", folder);
	if (length < 0 || (size_t)length >= sizeof name)
		return sori_fail(error, SORI_CANNOT_CREATE, "%s: name too long for a temporary file", folder);
	*file = mkostemp(name, O_CLOEXEC);
	if (*file < 0)
		return sori_fail_errno(error, SORI_CANNOT_CREATE, errno, "cannot create a temporary file in %s", folder);
	(void)unlink(name);
	return SORI_OK;
}

enum sori_status sori_temp_write(int file, const void *data, size_t size, off_t offset, struct sori_error *error)
{
	const char *at = data;

	while (size) {
		ssize_t done = pwrite(file, at, size, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return sori_fail_errno(error, SORI_IO, done < 0 ? errno : ENOSPC, "cannot write the temporary file");
		at += done;
		size -= (size_t)done;
		offset += done;
	}
	return SORI_OK;
}

enum sori_status sori_temp_read(int file, void *into, size_t size, off_t offset, struct sori_error *error)
{
	char *at = into;

	while (size) {
		ssize_t done = pread(file, at, size, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return sori_fail_errno(error, SORI_IO, done < 0 ? errno : EIO, "cannot read the temporary file");
		at += done;
		size -= (size_t)done;
		offset += done;
	}
	return SORI_OK;
}
