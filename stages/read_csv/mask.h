/* Bit maps of the bytes that matter in delimited text: one bit a byte, 64 bytes a word. */
#ifndef SORI_READ_CSV_MASK_H
#define SORI_READ_CSV_MASK_H

#include <stddef.h>
#include <stdint.h>

struct csv_marks {
	char delimiter;
	char quote;  /* '\0': no quoting */
	char escape; /* '\0': none; else the byte behind it has no meaning */
};

/* Fills words [from / 64, (length + 63) / 64) of `borders` (delimiter, CR, LF), `lines` (CR, LF) and `quotes` for data[from..length);
 * `from` is a multiple of 64, 64 bytes behind `length` are readable. Bits behind `length` are 0. */
void sori_csv_mask(const struct csv_marks *marks, const char *data, size_t from, size_t length, uint64_t *borders,
	      uint64_t *lines, uint64_t *quotes);

/* The portable form, for the test that both agree. */
void sori_csv_mask_plain(const struct csv_marks *marks, const char *data, size_t from, size_t length, uint64_t *borders,
		    uint64_t *lines, uint64_t *quotes);

#endif
