/* The JSON that `sori extract` and `sori stage extract` write. */
#ifndef SORI_EXTRACT_EXTRACT_H
#define SORI_EXTRACT_EXTRACT_H

#include "pipeline/base/buffer.h"
#include "stages/extract/dictionary.h"

/* Appends one record as a JSON line with its newline:
 * {"id","lang","categories":[…],"hits":[{"category","entry","start","end","text","tags":[…],"counted"}]}.
 * `path` names the input when the record has no id of its own (path#record). `start` and `end` are bytes of the text
 * field; `text` is what stands there. Thread-safe; check json->failed afterwards. */
void sori_extract_write_line(const struct sori_dictionary *dictionary, const struct sori_batch *batch,
			     const struct sori_record *record, struct sori_view path, struct sori_buffer *json);

/* Appends `,"categories":[…],"hits":[…]`, to be put into an object that already has a member. */
void sori_extract_write_members(const struct sori_dictionary *dictionary, const struct sori_batch *batch,
				const struct sori_record *record, struct sori_buffer *json);

/* Names of the tags in `tags`, as a JSON array, in the order of enum sori_tag. */
void sori_extract_write_tags(unsigned tags, struct sori_buffer *json);

#endif
