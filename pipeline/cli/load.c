/* Inputs, threads, signals: what the commands over dumps have in common. */
#include "pipeline/cli/load.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/buffer.h"
#include "pipeline/base/day.h"
#include "pipeline/base/memory.h"
#include "pipeline/core/category_map.h"

#define TOLD_LIMIT 12 /* inputs told one by one; the rest is in run.json */

/* A signal handler has nowhere else to write to. */
static volatile sig_atomic_t stop_requested;

static void on_signal(int number)
{
	(void)number;
	stop_requested = 1;
}

const volatile sig_atomic_t *sori_cli_stop_flag(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, before;

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) /* nohup stays in force */
		(void)sigaction(SIGHUP, &action, NULL);
	return &stop_requested;
}

/* A source is part of what a record is known by: one a day would count again what two days' exports share. */
static void tell_day_source(const struct sori_input_list *inputs)
{
	for (size_t i = 0; i < inputs->count; i++) {
		const char *source = inputs->inputs[i]->source;

		if (strspn(source, "0123456789") >= 2 && source[strspn(source, "0123456789-_.")] == '\0') {
			sori_cli_warn("the source is called '%s' after its folder; if every day has a folder, give the folder above or "
				      "--source NAME: records that two sources share count twice",
				      source);
			return;
		}
	}
}

enum sori_status sori_cli_inputs(const struct sori_cli *cli, const struct sori_input_wish *wish,
				 struct sori_input_list *inputs, struct sori_error *error)
{
	enum sori_status status;

	if (cli->operand_count == 0)
		return sori_fail(error, SORI_USAGE, "no dump given: a file, a folder or - for standard input; see sori %s --help",
				 cli->command->name);
	status = sori_inputs_expand(cli->operands, cli->operand_count, wish->source, inputs, error);
	if (status == SORI_OK && inputs->own)
		sori_cli_note(cli, "%zu outputs of sori's own in these folders are not read", inputs->own);
	if (status == SORI_OK && inputs->skipped)
		sori_cli_warn("%zu skipped that are no files (pipes, devices, dangling links), the first: %s",
			      inputs->skipped, inputs->first_skipped);
	if (status == SORI_OK && !wish->source)
		tell_day_source(inputs);
	return status;
}

enum sori_status sori_cli_threads(const struct sori_cli *cli, unsigned *threads, struct sori_error *error)
{
	const char *text = sori_cli_value(cli, "jobs");
	unsigned long long number;
	cpu_set_t allowed;

	if (text) {
		if (!sori_view_to_u64(sori_view_of(text), &number) || number < 1 || number > 64)
			return sori_fail(error, SORI_USAGE, "-j takes a number from 1 to 64, not '%s'", text);
		*threads = (unsigned)number;
		return SORI_OK;
	}
	*threads = 1;
	if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) > 0)
		*threads = (unsigned)CPU_COUNT(&allowed);
	if (*threads > 16)
		*threads = 16;
	return SORI_OK;
}

enum sori_status sori_cli_max_reject(const char *text, double *share, struct sori_error *error)
{
	char *end;

	if (!text) {
		*share = 0.01;
		return SORI_OK;
	}
	*share = strtod(text, &end);
	if (end != text && !strcmp(end, "%")) {
		*share /= 100;
		end++;
	}
	if (end == text || *end || !(*share >= 0 && *share <= 1))
		return sori_fail(error, SORI_USAGE, "--max-reject takes a share from 0 to 1 or a percentage, not '%s'", text);
	return SORI_OK;
}

void sori_cli_tell_input(const struct sori_cli *cli, const struct sori_input *input)
{
	struct sori_fact facts[SORI_FACT_LIMIT];
	size_t count = sori_input_facts(input, facts);
	struct sori_buffer line;

	sori_buffer_init(&line, 1 << 16);
	sori_buffer_add_format(&line, "%s:%s", input->path, input->compression == SORI_COMPRESSION_GZIP ? " gzip" : "");
	for (size_t i = 0; i < count; i++)
		if (facts[i].value && facts[i].value[0])
			sori_buffer_add_format(&line, "%s %s %s (%s)", i ? "," : "", facts[i].what, facts[i].value,
					       facts[i].given ? "given" : facts[i].option);
	if (!line.failed && input->failure == SORI_OK)
		sori_cli_note(cli, "%.*s", (int)line.length, line.at);
	sori_buffer_release(&line);
	if (input->warning[0])
		sori_cli_warn("%s: %s", input->path, input->warning);
	if (input->problem[0])
		sori_cli_warn("%s: %s", input->path, input->problem);
	if (input->column[SORI_ROLE_DATE] && input->counts.accepted && input->counts.undated * 2 > input->counts.accepted)
		sori_cli_warn("%s: %llu of %llu records have no day that could be read from column '%s': see --date and --date-format",
			      input->path, (unsigned long long)input->counts.undated, (unsigned long long)input->counts.accepted,
			      input->column[SORI_ROLE_DATE]);
}

void sori_cli_tell_inputs(const struct sori_cli *cli, const struct sori_input_list *inputs)
{
	size_t told = 0;

	for (size_t i = 0; i < inputs->count; i++) {
		const struct sori_input *input = inputs->inputs[i];

		if (told < TOLD_LIMIT || input->warning[0] || input->problem[0]) {
			sori_cli_tell_input(cli, input);
			told++;
		}
	}
	if (told < inputs->count)
		sori_cli_note(cli, "and %zu more inputs; run.json has all of them", inputs->count - told);
}

void sori_cli_output_names(const struct sori_output_set *outputs, char *line, size_t size)
{
	const char *name;
	size_t used = 0;

	line[0] = '\0';
	for (size_t i = 0; (name = sori_output_set_name(outputs, i)); i++) {
		int length = snprintf(line + used, size - used, "%s%s", i ? ", " : "", name);

		if (length < 0 || (size_t)length >= size - used) {
			line[used] = '\0';
			return;
		}
		used += (size_t)length;
	}
}

void sori_cli_judge_inputs(struct sori_cli *cli, const struct sori_input_list *inputs)
{
	size_t incomplete = 0, refused = 0;
	enum sori_status failure = SORI_OK;

	for (size_t i = 0; i < inputs->count; i++) {
		refused += inputs->inputs[i]->refused;
		incomplete += inputs->inputs[i]->incomplete && !inputs->inputs[i]->refused;
		if (failure == SORI_OK)
			failure = inputs->inputs[i]->failure;
	}
	if (incomplete)
		sori_cli_warn("%zu of %zu inputs are damaged; what came before the damage is counted", incomplete, inputs->count);
	if (refused)
		sori_cli_warn("%zu of %zu inputs are refused and add nothing", refused, inputs->count);
	if (incomplete || refused)
		cli->exit_code = sori_status_exit_code(failure == SORI_OK ? SORI_DATA : failure);
}

/* "name":"2026-07-01T02:30:05Z" as seconds since 1970 */
static bool time_member(const char *text, const char *name, int64_t *seconds)
{
	unsigned hour, minute, second;
	const char *at = strstr(text, name);
	sori_day day;

	if (!at || strlen(at += strlen(name)) < 20 || !sori_day_parse_iso(sori_view_make(at, 10), &day) ||
	    sscanf(at + 10, "T%2u:%2u:%2uZ", &hour, &minute, &second) != 3)
		return false;
	*seconds = (int64_t)day * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

bool sori_cli_last_times(const char *folder, int64_t *started, int64_t *finished)
{
	char path[4200], tail[256];
	int64_t first, last;
	size_t length = 0;
	FILE *file;

	if (snprintf(path, sizeof path, "%s/run.json", folder) >= (int)sizeof path || !(file = fopen(path, "rb")))
		return false;
	if (fseek(file, -(long)(sizeof tail - 1), SEEK_END) == 0 || fseek(file, 0, SEEK_SET) == 0)
		length = fread(tail, 1, sizeof tail - 1, file);
	(void)fclose(file);
	tail[length] = '\0';
	if (!time_member(tail, "\"started\":\"", &first) || !time_member(tail, "\"finished\":\"", &last))
		return false;
	*started = first;
	*finished = last;
	return true;
}

enum sori_status sori_cli_category_map(const struct sori_cli *cli, struct sqlite3 *database, struct sori_error *error)
{
	const char *folders[16];
	char room[4200];
	size_t count = sori_cli_dictionary_folders(cli, folders, 16, room, sizeof room);
	struct sori_category_map *map;
	enum sori_status status = sori_category_map_read(&map, folders, count, error);

	if (status == SORI_OK)
		status = sori_category_map_save(map, database, error);
	sori_category_map_free(map);
	return status == SORI_OK ? sori_category_map_install(database, error) : status;
}
