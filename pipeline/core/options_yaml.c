/* The configuration file: libyaml events walked by a three-level state (document, section, key). Anchors, aliases and
 * deeper nesting are refused: a configuration that needs them is a mistake. */
#include "pipeline/core/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/memory.h"

struct walk {
	struct sori_settings *settings;
	const char *path;
	unsigned depth;          /* open mappings */
	bool in_list;
	char section[64], key[64];
	bool has_key;
	struct sori_buffer list; /* values of a sequence, joined by newline */
};

static enum sori_status at_mark(struct sori_error *error, const char *path, yaml_mark_t mark, enum sori_status status)
{
	if (status != SORI_OK)
		(void)sori_error_at(error, path, mark.line + 1, (uint32_t)mark.column + 1);
	return status;
}

static enum sori_status on_scalar(struct walk *walk, const char *value, size_t length, struct sori_error *error)
{
	if (walk->depth == 0 && length == 0)
		return SORI_OK; /* an empty file */
	if (walk->in_list) {
		if (walk->list.length)
			sori_buffer_add_byte(&walk->list, '\n');
		sori_buffer_add(&walk->list, value, length);
		return SORI_OK;
	}
	if (walk->depth == 1 && !walk->section[0]) {
		(void)snprintf(walk->section, sizeof walk->section, "%s", value);
		return SORI_OK;
	}
	if (walk->depth == 1 && length == 0) {
		walk->section[0] = '\0'; /* "section:" with nothing in it */
		return SORI_OK;
	}
	if (walk->depth != 2)
		return sori_fail(error, SORI_CONFIG, "expected a section with keys, found '%s'", value);
	if (!walk->has_key) {
		(void)snprintf(walk->key, sizeof walk->key, "%s", value);
		walk->has_key = true;
		return SORI_OK;
	}
	walk->has_key = false;
	return sori_settings_set(walk->settings, walk->section, walk->key, value, error);
}

static enum sori_status on_event(struct walk *walk, const yaml_event_t *event, struct sori_error *error)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(walk, (const char *)event->data.scalar.value, event->data.scalar.length, error);
	case YAML_MAPPING_START_EVENT:
		if (walk->depth >= 2 || walk->in_list)
			return sori_fail(error, SORI_CONFIG, "nested too deep: sections hold plain keys");
		walk->depth++;
		return SORI_OK;
	case YAML_MAPPING_END_EVENT:
		walk->depth--;
		walk->section[0] = '\0';
		return SORI_OK;
	case YAML_SEQUENCE_START_EVENT:
		if (walk->depth != 2 || !walk->has_key || walk->in_list)
			return sori_fail(error, SORI_CONFIG, "a list can only be the value of a key");
		walk->in_list = true;
		sori_buffer_reset(&walk->list);
		return SORI_OK;
	case YAML_SEQUENCE_END_EVENT:
		walk->in_list = false;
		walk->has_key = false;
		sori_buffer_add_byte(&walk->list, '\0');
		if (walk->list.failed)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		return sori_settings_set(walk->settings, walk->section, walk->key, walk->list.at, error);
	case YAML_ALIAS_EVENT:
		return sori_fail(error, SORI_CONFIG, "aliases are not supported");
	default:
		return SORI_OK;
	}
}

static enum sori_status walk_file(struct walk *walk, yaml_parser_t *parser, struct sori_error *error)
{
	for (bool done = false; !done;) {
		yaml_event_t event;
		enum sori_status status;

		if (!yaml_parser_parse(parser, &event)) {
			status = sori_fail(error, SORI_CONFIG, "not valid YAML: %s",
					   parser->problem ? parser->problem : "out of memory");
			return at_mark(error, walk->path, parser->problem_mark, status);
		}
		status = at_mark(error, walk->path, event.start_mark, on_event(walk, &event, error));
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (status != SORI_OK)
			return status;
	}
	return SORI_OK;
}

enum sori_status sori_settings_read_yaml(struct sori_settings *settings, const char *path, struct sori_error *error)
{
	struct walk walk = {.settings = settings, .path = path};
	yaml_parser_t parser;
	enum sori_status status;
	FILE *file = fopen(path, "rbe");

	if (!file)
		return sori_fail(error, SORI_CONFIG, "cannot open the configuration '%s': %s", path, strerror(errno));
	if (!yaml_parser_initialize(&parser)) {
		(void)fclose(file);
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	}
	sori_buffer_init(&walk.list, 1 << 20);
	yaml_parser_set_input_file(&parser, file);
	status = walk_file(&walk, &parser, error);
	if (status == SORI_OK && ferror(file))
		status = sori_fail(error, SORI_IO, "cannot read the configuration '%s'", path);
	yaml_parser_delete(&parser);
	sori_buffer_release(&walk.list);
	(void)fclose(file);
	return status;
}
