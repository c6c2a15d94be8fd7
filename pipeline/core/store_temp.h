/* A nameless temporary file for what does not fit in memory: it vanishes with the process, however that ends. */
#ifndef SORI_CORE_STORE_TEMP_H
#define SORI_CORE_STORE_TEMP_H

#include <stddef.h>
#include <sys/types.h>

#include "pipeline/base/error.h"

/* Opened for reading and writing in `folder`, mode 0600, no name left. */
enum sori_status sori_temp_open(const char *folder, int *file, struct sori_error *error);

/* Whole reads and writes at an offset; interrupted and short calls are continued. Thread-safe. */
enum sori_status sori_temp_write(int file, const void *data, size_t size, off_t offset, struct sori_error *error);
enum sori_status sori_temp_read(int file, void *into, size_t size, off_t offset, struct sori_error *error);

#endif
