/* Runs a file of readable blocks (tests/spec/): "== title", "< input", "> result"; "#" and blank lines are skipped. In braces:
 * mood, break, mask (class bytes), n, r, t, U+XXXX. Include after cmocka.h. */
#ifndef SORI_TESTS_SPEC_H
#define SORI_TESTS_SPEC_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/utf8.h"
#include "pipeline/text/normalize.h"

typedef void (*spec_function)(const char *title, struct sori_view input, struct sori_buffer *output);

static void spec_unescape(const char *line, struct sori_buffer *out)
{
	static const struct {
		const char *name;
		char byte;
	} names[] = {{"{mood}", SORI_CHAR_MOOD}, {"{mask}", SORI_CHAR_MASK}, {"{break}", SORI_CHAR_BREAK}, {"{n}", '\n'}, {"{r}", '\r'}, {"{t}", '\t'}};
	while (*line) {
		size_t used = 0;
		for (size_t i = 0; used == 0 && i < sizeof names / sizeof *names; i++)
			if (strncmp(line, names[i].name, strlen(names[i].name)) == 0) {
				sori_buffer_add_byte(out, names[i].byte);
				used = strlen(names[i].name);
			}
		if (used == 0 && strncmp(line, "{U+", 3) == 0) {
			char bytes[4], *end;
			unsigned long point = strtoul(line + 3, &end, 16);
			sori_buffer_add(out, bytes, sori_utf8_encode((uint32_t)point, bytes));
			used = (size_t)(end - line) + 1;
		}
		if (used == 0) {
			sori_buffer_add_byte(out, *line);
			used = 1;
		}
		line += used;
	}
}

/* At least `minimum` blocks must be there. */
static void spec_run(const char *path, spec_function function, size_t minimum)
{
	char line[4096], title[256] = "";
	struct sori_buffer input, wanted, output;
	size_t blocks = 0, wrong = 0;
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	sori_buffer_init(&input, 1 << 16);
	sori_buffer_init(&wanted, 1 << 16);
	sori_buffer_init(&output, 1 << 18);
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "== ", 3) == 0) {
			(void)snprintf(title, sizeof title, "%.250s", line + 3);
		} else if (strncmp(line, "< ", 2) == 0) {
			sori_buffer_reset(&input);
			spec_unescape(line + 2, &input);
		} else if (line[0] == '>') {
			sori_buffer_reset(&wanted);
			sori_buffer_reset(&output);
			spec_unescape(line[1] ? line + 2 : "", &wanted);
			function(title, sori_buffer_view(&input), &output);
			blocks++;
			if (!sori_view_equal(sori_buffer_view(&wanted), sori_buffer_view(&output))) {
				wrong++;
				print_message("%s: wanted '%.*s', got '%.*s'\n", title, (int)wanted.length, wanted.at,
					      (int)output.length, output.at);
			}
		}
	}
	(void)fclose(file);
	sori_buffer_release(&input);
	sori_buffer_release(&wanted);
	sori_buffer_release(&output);
	assert_int_equal(wrong, 0);
	assert_true(blocks >= minimum);
}

#endif
