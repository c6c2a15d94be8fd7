/* dict export and dict import. What was read becomes a .dict file that is compiled before it is printed: a line that the
 * compiler refuses is commented out and told, so that the file always loads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/base/utf8.h"
#include "pipeline/cli/dict_tools.h"
#include "pipeline/cli/exchange.h"
#include "stages/extract/syllable.h"
#include "stages/extract/table.h"

#define FOLDER_LIMIT 16u
#define EXPANSION_LIMIT 200u
#define TRIED_FILE "import"
#define GROUP_LIMIT 40u /* patterns of one line */

enum { REFUSED = 1, ALONE = 2 }; /* ALONE: something on its line was refused, the next writing tells what */

struct importing {
	struct sori_exchange *x;
	struct sori_view *words; /* sorted */
	size_t word_count;
	struct sori_buffer *out;
	uint32_t line;           /* of the file being written */
	uint32_t *item_of_line;  /* + 1 */
	size_t line_capacity;
	uint8_t *together;       /* of the first item of a line that holds several: how many */
};

/* ---- import: the file */

static void end_line(struct importing *m, size_t item)
{
	sori_buffer_add_byte(m->out, '\n');
	m->line++;
	if (SORI_GROW(m->item_of_line, m->line_capacity, m->line + 1) != 0)
		m->x->failed = true;
	else
		m->item_of_line[m->line] = item == SORI_EXCHANGE_NONE ? 0 : (uint32_t)item + 1;
}

/* Names become ids: letters and digits stay, all else is a dash; a name without any is its number. */
static void add_id(struct importing *m, size_t number)
{
	struct sori_view path = m->x->categories[number].path;
	struct sori_buffer id;
	bool dash = false;

	sori_buffer_init(&id, 4096);
	for (size_t i = 0; i < path.length && id.length < 60; i++) {
		char c = path.at[i] >= 'A' && path.at[i] <= 'Z' ? (char)(path.at[i] + 32) : path.at[i];

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c == '.' && id.length && id.at[id.length - 1] != '.')) {
			if (dash && id.length && id.at[id.length - 1] != '.' && c != '.')
				sori_buffer_add_byte(&id, '-');
			sori_buffer_add_byte(&id, c);
			dash = false;
		} else {
			dash = true;
		}
	}
	while (id.length && (id.at[id.length - 1] == '.' || id.at[id.length - 1] == '-'))
		id.length--;
	if (id.length)
		sori_buffer_add_view(m->out, sori_buffer_view(&id));
	else
		sori_buffer_add_format(m->out, "imported.c%zu", number + 1);
	sori_buffer_release(&id);
}

static void add_quoted(struct sori_buffer *out, const char *name, struct sori_view text)
{
	sori_buffer_add_format(out, " %s=\"", name);
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			sori_buffer_add_byte(out, '\\');
		sori_buffer_add_byte(out, (unsigned char)text.at[i] < ' ' ? ' ' : text.at[i]);
	}
	sori_buffer_add_byte(out, '"');
}

static void add_category(struct importing *m, size_t number)
{
	const struct sori_exchange_category *c = &m->x->categories[number];
	bool praise = c->praise || (c->path.length >= 6 && memcmp(c->path.at, "praise", 6) == 0);

	bool declares = !c->known || (c->kind_given && c->ko.length && c->en.length); /* so that the file also stands alone */

	end_line(m, SORI_EXCHANGE_NONE);
	sori_buffer_add_text(m->out, declares ? "@category " : "@in ");
	add_id(m, number);
	if (declares) {
		add_quoted(m->out, "ko", c->ko.length ? c->ko : c->path);
		add_quoted(m->out, "en", c->en.length ? c->en : c->path);
		sori_buffer_add_text(m->out, praise ? " kind=praise" : " kind=pain");
		if (c->owner.length)
			add_quoted(m->out, "owner", c->owner);
		if (c->severity)
			sori_buffer_add_format(m->out, " sev=%u", c->severity);
		if (c->has_tags) {
			sori_buffer_add_text(m->out, " count=");
			sori_exchange_add_tags(m->out, c->count_tags);
		}
		if (c->fallback)
			sori_buffer_add_text(m->out, " fallback");
	}
	end_line(m, SORI_EXCHANGE_NONE);
}

/* ---- patterns */

static bool has_hangul(struct sori_view text)
{
	unsigned length;

	for (size_t at = 0; at < text.length; at += length)
		if (sori_is_hangul_syllable(sori_utf8_decode(text.at + at, &length)))
			return true;
	return false;
}

static bool has_letter(struct sori_view text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] >= 0x80 || (text.at[i] >= 'a' && text.at[i] <= 'z') || (text.at[i] >= 'A' && text.at[i] <= 'Z') ||
		    (text.at[i] >= '0' && text.at[i] <= '9'))
			return true;
	return false;
}

static size_t first_word(const struct importing *m, struct sori_view stem)
{
	size_t low = 0, high = m->word_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sori_view_compare(m->words[middle], stem) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* happ*: the known words that begin so. */
static void add_expanded(struct importing *m, struct sori_view stem, const struct sori_exchange_item *item)
{
	size_t from = first_word(m, stem), count = 0;

	for (size_t i = from; i < m->word_count && count < EXPANSION_LIMIT && m->words[i].length >= stem.length &&
			      memcmp(m->words[i].at, stem.at, stem.length) == 0; i++) {
		sori_buffer_add_text(m->out, count == 0 ? "e:\"" : count == 1 ? "=\"" : ",\"");
		sori_buffer_add_view(m->out, m->words[i]);
		sori_buffer_add_byte(m->out, '"');
		count++;
	}
	if (count == 0) {
		sori_buffer_add_text(m->out, "e:");
		sori_buffer_add_view(m->out, stem);
	}
	sori_exchange_lose(m->x, "line %u: %.*s*: only %s", item->line, (int)(stem.length < 80 ? stem.length : 80), stem.at,
			   count ? "the words known (--words gives more)" : "its inflections, no word that begins so is known");
}

static bool refuse(struct importing *m, const struct sori_exchange_item *item, const char *why)
{
	sori_exchange_lose(m->x, "line %u: %.*s: %s", item->line, (int)(item->text.length < 100 ? item->text.length : 100), item->text.at, why);
	return false;
}

/* False: left out. */
static bool add_pattern(struct importing *m, const struct sori_exchange_item *item)
{
	struct sori_view text = sori_view_trim(item->text);
	bool behind = text.length > 1 && text.at[text.length - 1] == '*', before = text.length > 1 && *text.at == '*', special = false;

	text = sori_view_trim(sori_view_slice(text, before, text.length - before - behind));
	if (memchr(text.at, '*', text.length) || memchr(text.at, '?', text.length))
		return refuse(m, item, "a wild card inside");
	if (memchr(text.at, '"', text.length) || !has_letter(text))
		return refuse(m, item, "no letters, or a quote");
	for (size_t i = 0; i < text.length; i++) {
		if ((unsigned char)text.at[i] < ' ')
			return refuse(m, item, "several lines, or a control character");
		special |= strchr("=,|()#/_&!$<>~\\:", text.at[i]) != NULL;
	}
	if (!has_hangul(text)) {
		if (before)
			return refuse(m, item, "a wild card in front");
		if (behind && !memchr(text.at, ' ', text.length) && !special)
			add_expanded(m, text, item);
		else
			sori_buffer_add_format(m->out, "e:\"%.*s\"", (int)text.length, text.at);
		if (behind && (memchr(text.at, ' ', text.length) || special))
			(void)refuse(m, item, "the * behind several words");
		return true;
	}
	if (sori_syllable_count(text) == 1 && text.length == 3) {
		sori_buffer_add_format(m->out, "n:%.*s left=strict tail=josa", (int)text.length, text.at);
		if (behind || before)
			(void)refuse(m, item, "a * on one syllable stands for particles only");
		return true;
	}
	sori_buffer_add_format(m->out, special ? "n:\"%.*s\" left=%s tail=%s" : "n:%.*s left=%s tail=%s", (int)text.length, text.at,
			       before ? "any" : "strict", behind ? "any" : "josa");
	return true;
}

/* Patterns that become the same kind of term stand on one line: 0 none of these, 1 Hangul with *, 2 Hangul, 3 Latin. */
static unsigned group_of(const struct sori_exchange_item *item)
{
	struct sori_view text = sori_view_trim(item->text);
	bool behind = text.length > 1 && text.at[text.length - 1] == '*';

	text = sori_view_trim(sori_view_slice(text, 0, text.length - behind));
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] < ' ' || strchr("*?\"=,|()#/_&!$<>~\\:", text.at[i]))
			return 0;
	if (item->kind != 0 || !has_letter(text))
		return 0;
	if (!has_hangul(text))
		return behind ? 0 : 3;
	return sori_syllable_count(text) == 1 && text.length == 3 ? 0 : behind ? 1 : 2;
}

/* Writes the items from `first` on that go together; how many, 0: the first goes alone. */
static size_t add_group(struct importing *m, size_t first)
{
	static const char *const options[] = {"", " left=strict tail=any", " left=strict tail=josa", ""};
	const struct sori_exchange_item *items = m->x->items;
	unsigned group = group_of(&items[first]);
	size_t count = 0;

	while (group && count < GROUP_LIMIT && first + count < m->x->item_count && items[first + count].category == items[first].category &&
	       group_of(&items[first + count]) == group) {
		struct sori_view text = sori_view_trim(items[first + count].text);

		text = sori_view_slice(text, 0, text.length - (group == 1));
		sori_buffer_add_text(m->out, count == 0 ? (group == 3 ? "e:" : "n:") : count == 1 ? "=" : ",");
		sori_buffer_add_text(m->out, group == 3 ? "\"" : "");
		sori_buffer_add_view(m->out, text);
		sori_buffer_add_text(m->out, group == 3 ? "\"" : "");
		count++;
	}
	if (count) {
		sori_buffer_add_text(m->out, options[group]);
		end_line(m, first);
		m->together[first] = (uint8_t)count;
	}
	return count;
}

/* A cell or a scalar of several lines would begin lines of its own. */
static void add_flat(struct sori_buffer *out, struct sori_view text)
{
	for (size_t i = 0; i < text.length; i++)
		sori_buffer_add_byte(out, (unsigned char)text.at[i] < ' ' && text.at[i] != '\t' ? ' ' : text.at[i]);
}

static bool add_item(struct importing *m, const struct sori_exchange_item *item)
{
	if (item->kind == 0)
		return add_pattern(m, item);
	if (item->kind != 'l')
		sori_buffer_add_format(m->out, "%c:", item->kind);
	add_flat(m->out, item->text);
	if (item->options.length) {
		sori_buffer_add_byte(m->out, ' ');
		add_flat(m->out, item->options);
	}
	return true;
}

static int compare_views(const void *left, const void *right)
{
	return sori_view_compare(*(const struct sori_view *)left, *(const struct sori_view *)right);
}

static bool sort_words(struct importing *m, const struct sori_names *words)
{
	m->words = sori_alloc(((words ? words->count : 0) + 1) * sizeof *m->words);
	for (size_t i = 0; m->words && words && i < words->capacity; i++)
		if (words->slots[i].key.at)
			m->words[m->word_count++] = words->slots[i].key;
	if (m->word_count)
		qsort(m->words, m->word_count, sizeof *m->words, compare_views);
	return m->words != NULL;
}

static void write_dict(struct importing *m, const uint8_t *refused)
{
	const struct sori_exchange *x = m->x;

	size_t next = 0;

	m->line = 0;
	sori_buffer_reset(m->out);
	sori_buffer_add_text(m->out, "# imported");
	end_line(m, SORI_EXCHANGE_NONE);
	for (size_t i = 0; i < x->line_count; i++) {
		add_flat(m->out, x->lines[i]);
		end_line(m, SORI_EXCHANGE_NONE);
	}
	for (size_t c = 0; c < x->category_count; c++) {
		bool outside = sori_view_is(x->categories[c].path, "-"); /* exclusions without a category */

		if (!outside)
			add_category(m, c);
		while (next < x->item_count && x->items[next].category == c) {
			size_t grouped = refused && refused[next] ? 0 : add_group(m, next);

			if (grouped) {
				next += grouped;
				continue;
			}
			if (refused && refused[next] == REFUSED)
				sori_buffer_add_text(m->out, "# not understood: ");
			m->together[next] = 1;
			if (add_item(m, &x->items[next]))
				end_line(m, next);
			next++;
		}
	}
}

struct refusals {
	struct importing *m;
	uint8_t *refused;
	size_t count;
	bool alone;
};

static void on_finding(void *user, const struct sori_finding *finding)
{
	struct refusals *r = user;
	uint32_t item = 0;

	if (strcmp(finding->file, TRIED_FILE) == 0 && finding->line >= 1 && finding->line <= r->m->line)
		item = r->m->item_of_line[finding->line];
	if (!finding->error || !item || r->refused[item - 1] == REFUSED)
		return;
	if (r->m->together[item - 1] > 1) {
		memset(r->refused + item - 1, ALONE, r->m->together[item - 1]);
		r->alone = true;
		return;
	}
	r->refused[item - 1] = REFUSED;
	r->count++;
	sori_exchange_lose(r->m->x, "line %u: %.*s: %s", r->m->x->items[item - 1].line,
			   (int)sori_utf8_valid_prefix(sori_view_slice(r->m->x->items[item - 1].text, 0, 100)), r->m->x->items[item - 1].text.at,
			   finding->text);
}

/* Items of a category stand together: those of large files would be looked for in vain in all others. */
static int compare_items(const void *left, const void *right)
{
	const struct sori_exchange_item *a = left, *b = right;

	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

/* ---- the commands */

struct exchange_command {
	struct sori_cli *cli;
	const char *folders[FOLDER_LIMIT];
	size_t folder_count;
	char room[4200];
	struct sori_exchange x;
	struct sori_dictionary *dictionary;
	struct sori_arena arena;
	struct sori_names words;
	struct sori_buffer out;
	enum sori_exchange_format format;
};

static void tell_losses(const struct exchange_command *command)
{
	struct sori_view rest = sori_buffer_view(&command->x.losses);

	if (command->x.loss_count)
		sori_cli_warn("%zu things are not carried over:", command->x.loss_count);
	while (rest.length && !command->cli->quiet) {
		const char *end = memchr(rest.at, '\n', rest.length);
		size_t length = end ? (size_t)(end - rest.at) : rest.length;
		char line[700];

		(void)snprintf(line, sizeof line, "%.*s", (int)length, rest.at);
		(void)fputs("  ", stderr);
		sori_cli_print_safe(stderr, line);
		(void)fputc('\n', stderr);
		rest = sori_view_slice(rest, length + 1, rest.length);
	}
}

static enum sori_status read_format(struct exchange_command *command, const char *path, struct sori_error *error)
{
	static const struct {
		const char *ending, *format;
	} endings[] = {{".csv", "csv"}, {".yaml", "yaml"}, {".yml", "yaml"}, {".dic", "liwc"}, {".ykd", "ykd"}, {".cat", "cat"}};
	const char *name = sori_cli_value(command->cli, "format");

	for (size_t i = 0; path && !name && i < sizeof endings / sizeof *endings; i++) {
		size_t length = strlen(path), tail = strlen(endings[i].ending);

		if (length > tail && strcmp(path + length - tail, endings[i].ending) == 0)
			name = endings[i].format;
	}
	command->format = name ? sori_exchange_format_of(name) : SORI_EXCHANGE_COUNT;
	if (command->format == SORI_EXCHANGE_COUNT)
		return sori_fail(error, SORI_USAGE, "--format takes csv, yaml, liwc, ykd or cat%s%s", name ? ", not " : "", name ? name : "");
	return SORI_OK;
}

static enum sori_status run_export(struct exchange_command *command, struct sori_error *error)
{
	struct sori_source source;
	char grammar[4096];
	enum sori_status status = read_format(command, NULL, error);

	if (status == SORI_OK && command->cli->operand_count != 1)
		status = sori_fail(error, SORI_USAGE, "dict export takes no operand; name folders with --dict");
	if (status == SORI_OK)
		status = sori_cli_dictionary(command->cli, &command->dictionary, error);
	if (status != SORI_OK)
		return status;
	sori_source_init(&source, NULL, NULL);
	status = sori_read_folders(&source, command->folders, command->folder_count, grammar, error);
	if (status == SORI_OK && !sori_exchange_from(&command->x, command->dictionary, &source, command->format))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_source_release(&source);
	if (status != SORI_OK)
		return status;
	sori_exchange_write(&command->x, command->format, &command->out);
	if (command->out.failed)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	status = sori_cli_print(sori_buffer_view(&command->out), error);
	if (status == SORI_OK)
		tell_losses(command);
	return status;
}

static bool is_word(struct sori_view text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!((text.at[i] >= 'a' && text.at[i] <= 'z') || text.at[i] == '\'' || text.at[i] == '-'))
			return false;
	return text.length > 2;
}

static enum sori_status gather_words(struct exchange_command *command, struct sori_error *error)
{
	const char *files[32];
	size_t count = sori_cli_values(command->cli, "words", files, 32);
	bool good = true;

	for (uint32_t i = 0; i < command->dictionary->form_count && good; i++)
		if (is_word(command->dictionary->forms[i].text))
			good = sori_names_put(&command->words, command->dictionary->forms[i].text) != NULL;
	for (size_t i = 0; i < count && good; i++) {
		struct sori_view rest;
		enum sori_status status = sori_file_read(&rest, &command->arena, files[i], error);

		if (status != SORI_OK)
			return status;
		while (rest.length && good) {
			size_t length = 0;

			while (length < rest.length && rest.at[length] != '\n' && rest.at[length] != '/' && rest.at[length] != '\t')
				length++;
			if (is_word(sori_view_trim(sori_view_slice(rest, 0, length))))
				good = sori_names_put(&command->words, sori_view_trim(sori_view_slice(rest, 0, length))) != NULL;
			while (length < rest.length && rest.at[length] != '\n')
				length++;
			rest = sori_view_slice(rest, length + 1, rest.length);
		}
	}
	return good ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");
}

static void mark_known(struct exchange_command *command)
{
	for (size_t c = 0; c < command->x.category_count; c++)
		for (size_t i = 0; i < command->dictionary->catalog.count; i++)
			command->x.categories[c].known |= sori_view_is(command->x.categories[c].path, command->dictionary->catalog.categories[i].id);
}

static void try_dict(struct exchange_command *command, struct refusals *refusals)
{
	struct sori_dictionary *tried = NULL;
	struct sori_error trying;

	(void)sori_dictionary_load_more(&tried, command->folders, command->folder_count, TRIED_FILE, sori_buffer_view(refusals->m->out),
					on_finding, refusals, &trying);
	sori_dictionary_free(tried);
}

/* Tells its own losses a second time; those are dropped. */
static void write_again(struct exchange_command *command, struct refusals *refusals)
{
	size_t length = command->x.losses.length, count = command->x.loss_count;

	write_dict(refusals->m, refusals->refused);
	command->x.losses.length = length;
	command->x.loss_count = count;
}

/* Written, compiled with the dictionaries that it goes beside, and written again without what was refused. */
static enum sori_status make_dict(struct exchange_command *command, struct sori_error *error)
{
	struct importing m = {.x = &command->x, .out = &command->out};
	struct refusals refusals = {.m = &m, .refused = sori_alloc_zero(command->x.item_count + 1, 1)};
	enum sori_status status;

	m.together = sori_alloc_zero(command->x.item_count + 1, 1);
	status = refusals.refused && m.together && sort_words(&m, &command->words) ? SORI_OK : sori_fail(error, SORI_SYSTEM, "out of memory");

	if (status == SORI_OK) {
		if (command->x.item_count)
			qsort(command->x.items, command->x.item_count, sizeof *command->x.items, compare_items);
		write_dict(&m, NULL);
		try_dict(command, &refusals);
		if (refusals.alone) {
			write_again(command, &refusals);
			try_dict(command, &refusals);
		}
		if (refusals.count)
			write_again(command, &refusals);
	}
	if (status == SORI_OK && (command->x.failed || command->out.failed || command->x.losses.failed))
		status = sori_fail(error, SORI_SYSTEM, "out of memory");
	sori_free(refusals.refused);
	sori_free(m.together);
	sori_free(m.words);
	sori_free(m.item_of_line);
	return status;
}

static enum sori_status run_import(struct exchange_command *command, struct sori_error *error)
{
	const char *path = command->cli->operand_count == 2 ? command->cli->operands[1] : NULL;
	struct sori_view bytes;
	enum sori_status status;

	if (!path)
		return sori_fail(error, SORI_USAGE, "dict import takes one file; see sori dict --help");
	status = read_format(command, path, error);
	if (status == SORI_OK)
		status = sori_file_read(&bytes, &command->arena, path, error);
	if (status == SORI_OK)
		status = sori_exchange_read(&command->x, bytes, command->format, path, error);
	if (status == SORI_OK)
		status = sori_cli_dictionary(command->cli, &command->dictionary, error);
	if (status == SORI_OK)
		status = gather_words(command, error);
	if (status != SORI_OK)
		return status;
	mark_known(command);
	status = make_dict(command, error);
	if (status == SORI_OK) {
		struct sori_view losses = sori_buffer_view(&command->x.losses);

		if (losses.length)
			sori_buffer_add_text(&command->out, "\n# not carried over:\n");
		while (losses.length) {
			const char *end = memchr(losses.at, '\n', losses.length);
			size_t length = end ? (size_t)(end - losses.at) : losses.length;

			sori_buffer_add_text(&command->out, "#   ");
			sori_buffer_add_view(&command->out, sori_view_slice(losses, 0, length));
			sori_buffer_add_byte(&command->out, '\n');
			losses = sori_view_slice(losses, length + 1, losses.length);
		}
		status = command->out.failed ? sori_fail(error, SORI_SYSTEM, "out of memory") : sori_cli_print(sori_buffer_view(&command->out), error);
	}
	if (status == SORI_OK)
		tell_losses(command);
	return status;
}

static enum sori_status with_command(struct sori_cli *cli, enum sori_status (*run)(struct exchange_command *, struct sori_error *),
				     struct sori_error *error)
{
	struct exchange_command *command = sori_alloc_zero(1, sizeof *command);
	enum sori_status status;

	if (!command)
		return sori_fail(error, SORI_SYSTEM, "out of memory");
	command->cli = cli;
	command->folder_count = sori_cli_dictionary_folders(cli, command->folders, FOLDER_LIMIT, command->room, sizeof command->room);
	sori_exchange_init(&command->x);
	sori_arena_init(&command->arena, (size_t)64 * 1024);
	sori_buffer_init(&command->out, (size_t)1 << 30);
	status = run(command, error);
	sori_exchange_release(&command->x);
	sori_names_release(&command->words);
	sori_buffer_release(&command->out);
	sori_arena_release(&command->arena);
	sori_dictionary_free(command->dictionary);
	sori_free(command);
	return status;
}

enum sori_status sori_dict_export(struct sori_cli *cli, struct sori_error *error)
{
	return with_command(cli, run_export, error);
}

enum sori_status sori_dict_import(struct sori_cli *cli, struct sori_error *error)
{
	return with_command(cli, run_import, error);
}
