/* stages.def made into the tables that the engine and the commands walk. */
#include "pipeline/core/report.h"
#include "pipeline/core/stage.h"

#define SORI_STAGE(name) extern const struct sori_stage sori_stage_##name;
#define SORI_REPORTER(name) extern const struct sori_reporter sori_reporter_##name;
#include "stages/stages.def"

const struct sori_stage *const sori_stages[] = {
#define SORI_STAGE(name) &sori_stage_##name,
#include "stages/stages.def"
	NULL,
};

const struct sori_reporter *const sori_reporters[] = {
#define SORI_REPORTER(name) &sori_reporter_##name,
#include "stages/stages.def"
	NULL,
};
