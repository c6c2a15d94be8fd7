/* Entry: finds the command, parses its options by the tables, runs it, turns the result into an exit code. */
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/memory.h"
#include "pipeline/cli/cli.h"
#include "pipeline/cli/side_files.h"
#include "pipeline/core/chain.h"

#define SORI_COMMAND(name) extern const struct sori_command sori_command_##name;
#include "pipeline/cli/commands.def"
#undef SORI_COMMAND

const struct sori_command *const sori_commands[] = {
#define SORI_COMMAND(name) &sori_command_##name,
#include "pipeline/cli/commands.def"
#undef SORI_COMMAND
	NULL,
};

const struct sori_cli_option sori_common_options[] = {
	{"config", 0, "FILE", false, "configuration file (YAML); else ./sori.yaml, else sori/sori.yaml in the XDG folder"},
	{"quiet", 'q', NULL, false, "no notes on standard error, only warnings and errors"},
	{"help", 'h', NULL, false, "show this help"},
	{0},
};

#define TABLE_LIMIT 96

struct parse {
	struct option options[TABLE_LIMIT];
	const struct sori_cli_option *meaning[TABLE_LIMIT];
	char letters[TABLE_LIMIT * 2 + 2];
	size_t count;
};

static void add_table(struct parse *parse, const struct sori_cli_option *table)
{
	for (; table && table->name; table++) {
		size_t used = strlen(parse->letters);

		assert(parse->count + 1 < TABLE_LIMIT);
		parse->options[parse->count] = (struct option){table->name, table->argument ? 1 : 0, NULL,
								(int)(1000 + parse->count)};
		parse->meaning[parse->count++] = table;
		if (table->letter) {
			parse->letters[used++] = table->letter;
			if (table->argument)
				parse->letters[used++] = ':';
			parse->letters[used] = '\0';
		}
	}
}

static const char *option_name_at(size_t index, const void *user)
{
	const struct parse *parse = user;

	return index < parse->count ? parse->options[index].name : NULL;
}

static enum sori_status bad_option(const struct parse *parse, char **argv, struct sori_error *error)
{
	const char *word = argv[optind - 1];
	const char *nearest;

	if (optopt && optopt < 256)
		return sori_fail(error, SORI_USAGE, "unknown option '-%c' or missing value; see --help", optopt);
	if (optopt >= 1000)
		return sori_fail(error, SORI_USAGE, "option '%s' %s; see --help", word,
				 strchr(word, '=') ? "takes no value" : "needs a value");
	nearest = sori_cli_nearest(word + strspn(word, "-"), option_name_at, parse);
	return sori_fail(error, SORI_USAGE, "unknown option '%s'%s%s%s; see --help", word, nearest ? "; did you mean '--" : "",
			 nearest ? nearest : "", nearest ? "'?" : "");
}

/* --stage.key=value goes to the settings; true when the word was one. */
static bool is_setting(const char *word)
{
	const char *dot, *equals;

	if (strncmp(word, "--", 2) != 0)
		return false;
	dot = strchr(word, '.');
	equals = strchr(word, '=');
	return dot && equals && dot < equals;
}

static enum sori_status set_one(struct sori_cli *cli, const char *word, struct sori_error *error)
{
	char section[64], key[64];
	const char *dot = strchr(word, '.'), *equals = strchr(word, '=');
	size_t section_length = (size_t)(dot - word) - 2, key_length = (size_t)(equals - dot) - 1;

	if (section_length >= sizeof section || key_length >= sizeof key)
		return sori_fail(error, SORI_USAGE, "unknown option '%s'", word);
	memcpy(section, word + 2, section_length);
	section[section_length] = '\0';
	memcpy(key, dot + 1, key_length);
	key[key_length] = '\0';
	return sori_settings_set(cli->settings, section, key, equals + 1, error);
}

static enum sori_status add_value(struct sori_cli *cli, const struct sori_cli_option *option, const char *text,
				  struct sori_error *error)
{
	if (SORI_GROW(cli->values, cli->value_capacity, cli->value_count + 1) != 0)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	cli->values[cli->value_count++] = (struct sori_cli_value){option, text};
	return SORI_OK;
}

static enum sori_status parse_options(struct sori_cli *cli, struct parse *parse, int argc, char **argv,
				      struct sori_error *error)
{
	enum sori_status status = SORI_OK;
	int found;

	opterr = 0;
	optind = 1;
	while (status == SORI_OK && (found = getopt_long(argc, argv, parse->letters, parse->options, NULL)) != -1) {
		const struct sori_cli_option *option = NULL;

		if (found == '?' || found == ':')
			return bad_option(parse, argv, error);
		if (found >= 1000)
			option = parse->meaning[found - 1000];
		for (size_t i = 0; !option && i < parse->count; i++)
			if (parse->meaning[i]->letter == found)
				option = parse->meaning[i];
		assert(option);
		status = add_value(cli, option, option->argument ? optarg : NULL, error);
	}
	for (; status == SORI_OK && optind < argc; optind++) {
		if (SORI_GROW(cli->operands, cli->operand_capacity, cli->operand_count + 1) != 0)
			return sori_fail(error, SORI_SYSTEM, "out of memory");
		cli->operands[cli->operand_count++] = argv[optind];
	}
	return status;
}

static enum sori_status read_configuration(struct sori_cli *cli, struct sori_error *error)
{
	const char *given = sori_cli_value(cli, "config"), *home = getenv("XDG_CONFIG_HOME");
	char path[4096];

	if (given)
		return sori_settings_read_yaml(cli->settings, given, error);
	if (access("sori.yaml", F_OK) == 0)
		return sori_settings_read_yaml(cli->settings, "sori.yaml", error);
	if (home && *home)
		(void)snprintf(path, sizeof path, "%s/sori/sori.yaml", home);
	else if ((home = getenv("HOME")) && *home)
		(void)snprintf(path, sizeof path, "%s/.config/sori/sori.yaml", home);
	else
		return SORI_OK;
	return access(path, F_OK) == 0 ? sori_settings_read_yaml(cli->settings, path, error) : SORI_OK;
}

/* Options first, then the configuration file, then --stage.key=value, which beats the file. */
static enum sori_status prepare(struct sori_cli *cli, int argc, char **argv, struct sori_error *error)
{
	struct parse parse = {.count = 0};
	int kept = 1, settings_count = 0;
	char **settings_words = sori_alloc_zero((size_t)argc + 1, sizeof *settings_words);
	enum sori_status status;

	if (!settings_words)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	for (int i = 1; i < argc; i++) {
		if (is_setting(argv[i]))
			settings_words[settings_count++] = argv[i];
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	add_table(&parse, cli->command->options);
	if (cli->command->reads_input)
		add_table(&parse, sori_input_options);
	add_table(&parse, sori_common_options);
	status = parse_options(cli, &parse, kept, argv, error);
	if (status == SORI_OK && !sori_cli_flag(cli, "help"))
		status = sori_chain_declare(cli->settings, error);
	if (status == SORI_OK && !sori_cli_flag(cli, "help"))
		status = sori_settings_declare(cli->settings, "analysis", sori_side_settings, error);
	if (status == SORI_OK && !sori_cli_flag(cli, "help"))
		status = read_configuration(cli, error);
	for (int i = 0; status == SORI_OK && i < settings_count; i++)
		status = set_one(cli, settings_words[i], error);
	sori_free(settings_words);
	return status;
}

static const char *command_name_at(size_t index, const void *user)
{
	(void)user;
	for (size_t i = 0; i <= index; i++)
		if (!sori_commands[i])
			return NULL;
	return sori_commands[index]->name;
}

static const struct sori_command *find_command(const char *name)
{
	for (size_t i = 0; sori_commands[i]; i++)
		if (strcmp(sori_commands[i]->name, name) == 0)
			return sori_commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	struct sori_error error;
	const char *nearest = sori_cli_nearest(name, command_name_at, NULL);

	(void)sori_fail(&error, SORI_USAGE, "unknown command '%s'%s%s%s; see sori --help", name,
			nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	sori_cli_error(&error);
	return sori_status_exit_code(SORI_USAGE);
}

static int run_command(const struct sori_command *command, int argc, char **argv)
{
	struct sori_cli cli = {.command = command};
	struct sori_error error = {.status = SORI_OK};
	enum sori_status status = SORI_OK;
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	cli.terminal = isatty(STDERR_FILENO) && !(term && !strcmp(term, "dumb"));
	cli.color = isatty(STDOUT_FILENO) && !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
	cli.settings = sori_settings_new();
	if (!cli.settings)
		status = sori_fail(&error, SORI_SYSTEM, "out of memory");
	if (status == SORI_OK)
		status = prepare(&cli, argc, argv, &error);
	if (status == SORI_OK) {
		cli.quiet = sori_cli_flag(&cli, "quiet");
		if (sori_cli_flag(&cli, "help"))
			sori_help_command(stdout, command);
		else
			status = command->run(&cli, &error);
	}
	if (status == SORI_OK || status == SORI_END)
		status = sori_cli_flush(&error);
	if (status != SORI_OK && (status != SORI_IO || error.text[0])) /* no words: whoever read the output has gone */
		sori_cli_error(&error);
	sori_settings_free(cli.settings);
	sori_free(cli.values);
	sori_free(cli.operands);
	return status == SORI_OK ? cli.exit_code : sori_status_exit_code(status);
}

static void arm_test_faults(void)
{
	const char *text = getenv("SORI_TEST_FAIL_ALLOC");
	char *end;

	if (text && *text) {
		unsigned long long n = strtoull(text, &end, 10);

		sori_memory_fail_after(n, *end == '+');
	}
}

int main(int argc, char **argv)
{
	const struct sori_command *command;
	struct sori_error error;

	/* Nothing for the world; the group that dashboards read with keeps what the operator's own mask leaves it. Keys and the
	 * quarantine are made without it. */
	(void)umask((umask(0077) & 0070) | 0007);
	(void)signal(SIGPIPE, SIG_IGN);
	arm_test_faults();
	if (argc < 2) {
		sori_help_overview(stderr);
		return sori_status_exit_code(SORI_USAGE);
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		sori_help_overview(stdout);
		return sori_status_exit_code(sori_cli_flush(&error));
	}
	if (!strcmp(argv[1], "--version")) {
		(void)puts("sori " SORI_VERSION);
		return sori_status_exit_code(sori_cli_flush(&error));
	}
	command = find_command(argv[1]);
	return command ? run_command(command, argc - 1, argv + 1) : unknown_command(argv[1]);
}
