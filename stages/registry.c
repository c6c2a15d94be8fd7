/* stages.def made into the table that the engine walks. */
#include "pipeline/core/stage.h"

#define SORI_STAGE(name) extern const struct sori_stage sori_stage_##name;
#include "stages/stages.def"
#undef SORI_STAGE

const struct sori_stage *const sori_stages[] = {
#define SORI_STAGE(name) &sori_stage_##name,
#include "stages/stages.def"
#undef SORI_STAGE
	NULL,
};
