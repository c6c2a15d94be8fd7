/* Help, man page and completions: three renderings of the same tables. */
#include <stdlib.h>
#include <string.h>

#include "pipeline/cli/cli.h"
#include "pipeline/cli/side_files.h"

#define LAST_COLUMN 100
#define WRITTEN_COLUMN 112 /* lines up to it are as their author broke them */

static const char *const exit_codes[][2] = {
	{"0", "all well, every output on disk"},
	{"64", "wrong usage"},
	{"65", "an input is damaged, refused or over --max-reject; all others are counted and published"},
	{"66", "no input found"},
	{"70", "an identity is violated; nothing is published"},
	{"71", "out of memory or another system resource"},
	{"73", "an output cannot be created"},
	{"74", "input or output failed"},
	{"75", "the store is locked by another run, or stopped by a signal; try again"},
	{"77", "permission denied"},
	{"78", "configuration or dictionary"},
};

/* Columns on screen: Hangul and other wide characters count two. Good enough for our own help texts. */
static int width_of_part(const char *text, size_t length)
{
	int width = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if ((byte & 0xc0) != 0x80)
			width += byte >= 0xe3 && byte <= 0xed ? 2 : 1;
	}
	return width;
}

static int width_of(const char *text)
{
	return width_of_part(text, strlen(text));
}

static void pad(FILE *to, const char *text, int width)
{
	(void)fputs(text, to);
	for (int i = width_of(text); i < width; i++)
		(void)fputc(' ', to);
}

static void option_words(const struct sori_cli_option *option, char *out, size_t size)
{
	(void)snprintf(out, size, "%s%c%s--%s%s%s", option->letter ? "-" : "  ", option->letter ? option->letter : ' ',
		       option->letter ? ", " : " ", option->name, option->argument ? "=" : "",
		       option->argument ? option->argument : "");
}

static void print_options(FILE *to, const struct sori_cli_option *table)
{
	for (; table && table->name; table++) {
		char words[96];

		option_words(table, words, sizeof words);
		(void)fputs("  ", to);
		pad(to, words, 26);
		(void)fprintf(to, "  %s%s\n", table->help, table->repeats ? " (may repeat)" : "");
	}
}

/* One line of a text, broken between words where the next would pass the last column; blanks at its start are kept. */
static void put_wrapped_line(FILE *to, const char *line, size_t length)
{
	int column = 0, last = width_of_part(line, length) <= WRITTEN_COLUMN ? WRITTEN_COLUMN : LAST_COLUMN;

	for (size_t at = 0; at < length;) {
		size_t blanks = strspn(line + at, " "), word = strcspn(line + at + blanks, " \n");
		int width = width_of_part(line + at + blanks, word);

		if (at && word && column + (int)blanks + width > last) {
			(void)fputc('\n', to);
			column = 0;
			at += blanks;
			blanks = 0;
		}
		(void)fwrite(line + at, 1, blanks + word, to);
		column += (int)blanks + width;
		at += blanks + word;
	}
	(void)fputc('\n', to);
}

/* Details are written as one text or in lines; either way the last one ends. */
static void put_wrapped(FILE *to, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		put_wrapped_line(to, text, length);
		text += length + (text[length] == '\n');
	}
}

void sori_help_overview(FILE *to)
{
	(void)fputs("sori reads customer feedback and shows the pain points in it.\n\n"
		    "  sori run corpora/dumps            tonight's job: read, count, report into sori-out/\n"
		    "  sori explain \"인터넷이 자꾸 끊겨요\"   what one text is counted as, and why\n\n"
		    "Commands (sori COMMAND --help shows more):\n",
		    to);
	for (size_t i = 0; sori_commands[i]; i++) {
		if (sori_commands[i]->hidden)
			continue;
		(void)fputs("  ", to);
		pad(to, sori_commands[i]->name, 12);
		(void)fprintf(to, "%s\n", sori_commands[i]->summary);
	}
}

void sori_help_command(FILE *to, const struct sori_command *command)
{
	(void)fprintf(to, "%s\nsori %s [OPTION…] %s: %s\n", command->examples, command->name, command->operands,
		      command->summary);
	if (command->details) {
		(void)fputc('\n', to);
		put_wrapped(to, command->details);
	}
	(void)fputs("\nOptions:\n", to);
	print_options(to, command->options);
	if (command->reads_input)
		print_options(to, sori_input_options);
	print_options(to, sori_common_options);
}

/* mdoc text: a leading dot or quote and backslashes are escaped. */
static void man_text(FILE *to, const char *text)
{
	bool line_start = true;

	for (; *text; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			(void)fputs("\\&", to);
		if (*text == '\\')
			(void)fputs("\\e", to);
		else
			(void)fputc(*text, to);
		line_start = *text == '\n';
	}
}

static void man_options(FILE *to, const struct sori_cli_option *table)
{
	for (; table && table->name; table++) {
		if (table->letter)
			(void)fprintf(to, ".It Fl %c , Fl Fl %s", table->letter, table->name);
		else
			(void)fprintf(to, ".It Fl Fl %s", table->name);
		if (table->argument)
			(void)fprintf(to, " Ns = Ns Ar \"%s\"", table->argument);
		(void)fputc('\n', to);
		man_text(to, table->help);
		(void)fputs(table->repeats ? "; may repeat.\n" : ".\n", to);
	}
}

static void man_command(FILE *to, const struct sori_command *command)
{
	(void)fprintf(to, ".Ss sori %s %s\n", command->name, command->operands);
	man_text(to, command->summary);
	(void)fputs(".\n", to);
	if (command->details) {
		(void)fputs(".Pp\n", to);
		man_text(to, command->details);
		if (*command->details && command->details[strlen(command->details) - 1] != '\n')
			(void)fputc('\n', to); /* a macro begins a line */
	}
	(void)fputs(".Bd -literal -offset indent\n", to);
	man_text(to, command->examples);
	(void)fputs(".Ed\n", to);
	if (command->options && command->options[0].name) {
		(void)fputs(".Bl -tag -width Ds\n", to);
		man_options(to, command->options);
		(void)fputs(".El\n", to);
	}
}

static void man_settings(FILE *to, const char *section, const struct sori_option *table)
{
	for (const struct sori_option *o = table; o && o->name; o++) {
		(void)fprintf(to, ".It %s.%s\n", section, o->name);
		man_text(to, o->help);
		(void)fprintf(to, " (%s).\n", o->standard ? o->standard : "unset");
	}
}

void sori_help_man(FILE *to)
{
	(void)fputs(".Dd November 22, 2026\n.Dt SORI 1\n.Os\n.Sh NAME\n.Nm sori\n.Nd customer-voice text analytics\n"
		    ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar option ...\n.Op Ar operand ...\n.Sh DESCRIPTION\n"
		    "Reads Korean and English customer feedback, finds the pain points that people report, counts them by\n"
		    "day, source, channel, product, region and language, and writes reports.\nData goes to standard output, "
		    "messages and progress to standard error.\n.Sh COMMANDS\n",
		    to);
	for (size_t i = 0; sori_commands[i]; i++)
		if (!sori_commands[i]->hidden)
			man_command(to, sori_commands[i]);
	(void)fputs(".Sh INPUT OPTIONS\nTaken by every command that reads dumps.\n.Bl -tag -width Ds\n", to);
	man_options(to, sori_input_options);
	(void)fputs(".El\n.Sh COMMON OPTIONS\n.Bl -tag -width Ds\n", to);
	man_options(to, sori_common_options);
	(void)fputs(".El\n.Sh SETTINGS\nEvery stage is a section of the configuration file, and so is analysis; a key is set by\n"
		    ".Fl Fl Ns Ar stage . Ns Ar key Ns = Ns Ar value\nas well.\n.Bl -tag -width Ds\n",
		    to);
	for (size_t i = 0; sori_stages[i]; i++)
		man_settings(to, sori_stages[i]->name, sori_stages[i]->options);
	man_settings(to, "analysis", sori_side_settings);
	(void)fputs(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev SORI_DICT\nFolder of dictionaries.\n.It Ev NO_COLOR\n"
		    "No colours when set and not empty.\n.It Ev XDG_CONFIG_HOME\nWhere sori/sori.yaml is looked for.\n.El\n"
		    ".Sh EXIT STATUS\n.Bl -tag -width Ds\n",
		    to);
	for (size_t i = 0; i < sizeof exit_codes / sizeof *exit_codes; i++) {
		(void)fprintf(to, ".It %s\n", exit_codes[i][0]);
		man_text(to, exit_codes[i][1]);
		(void)fputs(".\n", to);
	}
	(void)fputs(".El\n", to);
}

static void completion_words(FILE *to, const struct sori_cli_option *table)
{
	for (; table && table->name; table++)
		(void)fprintf(to, " --%s%s", table->name, table->argument ? "=" : "");
}

void sori_help_completion(FILE *to, const char *shell)
{
	bool zsh = strcmp(shell, "zsh") == 0;

	(void)fputs(zsh ? "#compdef sori\nautoload -U bashcompinit && bashcompinit\n" : "# bash completion for sori\n", to);
	(void)fputs("_sori() {\n\tlocal word=\"${COMP_WORDS[COMP_CWORD]}\" words\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords=\"",
		    to);
	for (size_t i = 0; sori_commands[i]; i++)
		if (!sori_commands[i]->hidden)
			(void)fprintf(to, "%s ", sori_commands[i]->name);
	(void)fputs("\"\n\telse\n\t\tcase \"${COMP_WORDS[1]}\" in\n", to);
	for (size_t i = 0; sori_commands[i]; i++) {
		(void)fprintf(to, "\t\t%s) words=\"", sori_commands[i]->name);
		completion_words(to, sori_commands[i]->options);
		if (sori_commands[i]->reads_input)
			completion_words(to, sori_input_options);
		completion_words(to, sori_common_options);
		(void)fputs("\" ;;\n", to);
	}
	(void)fputs("\t\tesac\n\tfi\n\tcase \"$word\" in\n\t-*) ;;\n\t*) [ \"$COMP_CWORD\" -gt 1 ] && words= ;;\n\tesac\n"
		    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -o default -F _sori sori\n",
		    to);
}

static enum sori_status help_run(struct sori_cli *cli, struct sori_error *error)
{
	const char *topic = cli->operand_count ? cli->operands[0] : NULL;

	if (!topic) {
		sori_help_overview(stdout);
		return SORI_OK;
	}
	if (!strcmp(topic, "man")) {
		sori_help_man(stdout);
		return SORI_OK;
	}
	if (!strcmp(topic, "completion")) {
		sori_help_completion(stdout, cli->operand_count > 1 ? cli->operands[1] : "bash");
		return SORI_OK;
	}
	for (size_t i = 0; sori_commands[i]; i++)
		if (!strcmp(sori_commands[i]->name, topic)) {
			sori_help_command(stdout, sori_commands[i]);
			return SORI_OK;
		}
	return sori_fail(error, SORI_USAGE, "no help on '%s'; see sori --help", topic);
}

const struct sori_command sori_command_help = {
	.name = "help",
	.summary = "help on a command; also the man page and shell completions",
	.operands = "[COMMAND | man | completion bash|zsh]",
	.examples = "  sori help run\n  sori help man | man -l -\n",
	.run = help_run,
};
