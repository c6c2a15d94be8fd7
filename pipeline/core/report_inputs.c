/* The ledger as the data quality section shows it, and the two checks that can be made from the store alone: the rows of
 * every input add up (I1), and the documents in the store are those accepted less those replaced. */
#include <string.h>

#include "pipeline/base/memory.h"
#include "pipeline/core/report_query.h"

static const char *const sql =
	"SELECT path, source, hash, format, encoding, compression, status, problem, warning, columns, reasons, "
	"(SELECT group_concat(key || ': ' || value, ' · ') FROM json_each(CASE WHEN json_valid(columns) THEN columns END)), "
	"(SELECT group_concat(key || ': ' || value, ' · ') FROM json_each(CASE WHEN json_valid(reasons) THEN reasons END)), "
	"bytes, seen, "
	"header, blank, read, accepted, rejected, duplicate, replaced, undated FROM input WHERE superseded IS NULL ORDER BY run DESC, path, input";

static bool read_input(struct sori_arena *arena, sqlite3_stmt *row, struct sori_report_input *input)
{
	const char **text[] = {&input->path,   &input->source,  &input->hash,    &input->format,
			       &input->encoding, &input->compression, &input->status,  &input->problem,
			       &input->warning, &input->columns, &input->reasons,
			       &input->columns_text, &input->reasons_text};
	uint64_t *counts[] = {&input->bytes, &input->seen, &input->header, &input->blank, &input->read,
			      &input->accepted, &input->rejected, &input->duplicate, &input->replaced, &input->undated};
	int column = 0;
	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		if (!(*text[i] = sori_report_text(arena, row, column++)))
			return false;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		*counts[i] = sori_report_count(row, column++);
	return true;
}

static void add_up(struct sori_report_input *total, const struct sori_report_input *input)
{
	total->bytes += input->bytes;
	total->seen += input->seen;
	total->header += input->header;
	total->blank += input->blank;
	total->read += input->read;
	total->accepted += input->accepted;
	total->rejected += input->rejected;
	total->duplicate += input->duplicate;
	total->replaced += input->replaced;
	total->undated += input->undated;
}

enum sori_status sori_report_load_inputs(struct sori_report_model *model, struct sori_error *error)
{
	sqlite3_stmt *row = NULL;
	struct sori_report_input *inputs = NULL;
	size_t count = 0, capacity = 0;
	enum sori_status status = sori_report_prepare(model->database, &row, sql, error);
	model->rows_hold = true;
	while (status == SORI_OK && (status = sori_report_step(row, error)) == SORI_OK) {
		if (SORI_GROW(inputs, capacity, count + 1) != 0 || !read_input(&model->arena, row, &inputs[count])) {
			status = sori_report_no_memory(error);
			break;
		}
		const struct sori_report_input *input = &inputs[count++];
		bool refused = strcmp(input->status, "refused") == 0; /* adds nothing, so it is in no sum */
		if (refused)
			continue;
		add_up(&model->total, input);
		if (input->read != input->accepted + input->rejected + input->duplicate ||
		    input->seen != input->header + input->blank + input->read)
			model->rows_hold = false;
	}
	sqlite3_finalize(row);
	if (status == SORI_END) {
		status = SORI_OK;
		model->inputs = sori_arena_zero(&model->arena, count + 1, sizeof *inputs);
		if (!model->inputs)
			status = sori_report_no_memory(error);
		for (size_t i = 0; i < count && model->inputs; i++)
			model->inputs[i] = inputs[i];
		model->input_count = count;
	}
	sori_free(inputs);
	model->documents_hold = model->ever + model->total.replaced == model->total.accepted;
	return status;
}
