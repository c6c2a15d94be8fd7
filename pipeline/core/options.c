/* Settings: a flat list of sections, each with its option table and one text value per option. Values are checked when
 * they are set and converted when they are read; there are few of both. */
#include "pipeline/core/options.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/memory.h"

struct section {
	const char *name;
	const struct sori_option *table;
	char **values; /* owned; one per option, NULL unset */
	size_t count;
};

struct sori_settings {
	struct section *sections;
	size_t count, capacity;
};

struct sori_settings *sori_settings_new(void)
{
	return sori_alloc_zero(1, sizeof(struct sori_settings));
}

void sori_settings_free(struct sori_settings *settings)
{
	if (!settings)
		return;
	for (size_t i = 0; i < settings->count; i++) {
		for (size_t k = 0; k < settings->sections[i].count; k++)
			sori_free(settings->sections[i].values[k]);
		sori_free(settings->sections[i].values);
	}
	sori_free(settings->sections);
	sori_free(settings);
}

static struct section *find_section(const struct sori_settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->count; i++)
		if (strcmp(settings->sections[i].name, name) == 0)
			return &settings->sections[i];
	return NULL;
}

enum sori_status sori_settings_declare(struct sori_settings *settings, const char *name, const struct sori_option *table,
				       struct sori_error *error)
{
	struct section *section;

	if (find_section(settings, name) || !table)
		return SORI_OK;
	if (SORI_GROW(settings->sections, settings->capacity, settings->count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	section = &settings->sections[settings->count];
	*section = (struct section){.name = name, .table = table};
	while (table[section->count].name)
		section->count++;
	section->values = sori_alloc_zero(section->count, sizeof *section->values);
	if (!section->values)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	settings->count++;
	for (size_t k = 0; k < section->count; k++) {
		if (!table[k].standard)
			continue;
		section->values[k] = sori_strdup_n(table[k].standard, strlen(table[k].standard));
		if (!section->values[k])
			return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	return SORI_OK;
}

static enum sori_status unknown(const struct sori_settings *settings, const struct section *section, const char *wanted,
				const char *section_name, struct sori_error *error)
{
	const char *nearest = NULL;
	size_t best = 4;
	size_t count = section ? section->count : settings->count;

	for (size_t i = 0; i < count; i++) {
		const char *name = section ? section->table[i].name : settings->sections[i].name;
		size_t now = sori_edit_distance(wanted, name);

		if (now < best) {
			best = now;
			nearest = name;
		}
	}
	if (section)
		return sori_fail(error, SORI_CONFIG, "unknown key '%s' in section '%s'%s%s%s", wanted, section_name,
				 nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return sori_fail(error, SORI_CONFIG, "unknown section '%s'%s%s%s", wanted, nearest ? "; did you mean '" : "",
			 nearest ? nearest : "", nearest ? "'?" : "");
}

static bool parse_bool(const char *value, bool *result)
{
	if (!strcmp(value, "true") || !strcmp(value, "yes") || !strcmp(value, "on") || !strcmp(value, "1"))
		return *result = true, true;
	if (!strcmp(value, "false") || !strcmp(value, "no") || !strcmp(value, "off") || !strcmp(value, "0"))
		return *result = false, true;
	return false;
}

static bool is_choice(const char *choices, const char *value)
{
	size_t length = strlen(value);

	for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (strncmp(at, value, length) == 0 && (at[length] == '|' || at[length] == '\0'))
			return true;
	return false;
}

static enum sori_status check(const struct sori_option *option, const char *value, struct sori_error *error)
{
	char *end;
	double number;
	bool flag;

	switch (option->type) {
	case SORI_OPTION_BOOL:
		if (!parse_bool(value, &flag))
			return sori_fail(error, SORI_CONFIG, "'%s' takes true or false, not '%s'", option->name, value);
		return SORI_OK;
	case SORI_OPTION_CHOICE:
		if (!is_choice(option->choices, value))
			return sori_fail(error, SORI_CONFIG, "'%s' takes one of %s, not '%s'", option->name,
					 option->choices, value);
		return SORI_OK;
	case SORI_OPTION_TEXT:
		return SORI_OK;
	case SORI_OPTION_INTEGER:
	case SORI_OPTION_REAL:
		break;
	}
	errno = 0;
	number = option->type == SORI_OPTION_REAL ? strtod(value, &end) : (double)strtoll(value, &end, 10);
	if (errno || end == value || *end || number < option->minimum || number > option->maximum)
		return sori_fail(error, SORI_CONFIG, "'%s' takes a number from %g to %g, not '%s'", option->name,
				 option->minimum, option->maximum, value);
	return SORI_OK;
}

enum sori_status sori_settings_set(struct sori_settings *settings, const char *section_name, const char *key,
				   const char *value, struct sori_error *error)
{
	struct section *section = find_section(settings, section_name);

	if (!section)
		return unknown(settings, NULL, section_name, NULL, error);
	for (size_t k = 0; k < section->count; k++) {
		enum sori_status status;
		char *copy;

		if (strcmp(section->table[k].name, key) != 0)
			continue;
		status = check(&section->table[k], value, error);
		if (status != SORI_OK)
			return status;
		copy = sori_strdup_n(value, strlen(value));
		if (!copy)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		sori_free(section->values[k]);
		section->values[k] = copy;
		return SORI_OK;
	}
	return unknown(settings, section, key, section_name, error);
}

static const char *value_of(const struct sori_settings *settings, const char *section_name, const char *key)
{
	const struct section *section = find_section(settings, section_name);

	assert(section);
	for (size_t k = 0; section && k < section->count; k++)
		if (strcmp(section->table[k].name, key) == 0)
			return section->values[k];
	assert(false && "undeclared key");
	return NULL;
}

bool sori_settings_bool(const struct sori_settings *settings, const char *section, const char *key)
{
	const char *value = value_of(settings, section, key);
	bool result = false;

	return value && parse_bool(value, &result) && result;
}

int64_t sori_settings_integer(const struct sori_settings *settings, const char *section, const char *key)
{
	const char *value = value_of(settings, section, key);

	return value ? strtoll(value, NULL, 10) : 0;
}

double sori_settings_real(const struct sori_settings *settings, const char *section, const char *key)
{
	const char *value = value_of(settings, section, key);

	return value ? strtod(value, NULL) : 0.0;
}

const char *sori_settings_text(const struct sori_settings *settings, const char *section, const char *key)
{
	return value_of(settings, section, key);
}

/* Sections that say where and how fast, or what is asked of the counts: they may differ between runs that count alike. */
static bool changes_results(const char *section)
{
	return strcmp(section, "run") != 0 && strcmp(section, "store") != 0 && strncmp(section, "report", 6) != 0 &&
	       strcmp(section, "analysis") != 0;
}

/* Sum of hashes over section, key and value: the order of declaration does not matter. */
uint64_t sori_settings_hash(const struct sori_settings *settings)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < settings->count; i++) {
		const struct section *section = &settings->sections[i];

		for (size_t k = 0; changes_results(section->name) && k < section->count; k++) {
			uint64_t seed = sori_hash64(sori_view_of(section->name), 1);

			if (!section->values[k])
				continue;
			seed = sori_hash64(sori_view_of(section->table[k].name), seed);
			sum += sori_hash64(sori_view_of(section->values[k]), seed);
		}
	}
	return sum;
}
