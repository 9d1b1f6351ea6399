/* A replayed item, as people and as programs read it. */
#ifndef TSR_CLI_REPLAY_PRINT_H
#define TSR_CLI_REPLAY_PRINT_H

#include "engine/replay.h"

#include <stdio.h>

/* Parameters, random numbers and columns as tables. TSR_ERUNTIME: no memory. */
tsr_status tsr_replay_print(const tsr_job *job, const tsr_replay_wish *wish, const tsr_replay *replay, FILE *out);

/* {"job", "stage", "point", "place": {NAME: VALUE}, "item", "parts": [{"role", "name", "parameters": {NAME: TEXT},
 * "columns": {NAME: [numbers]}}], "rows": [of the numbers], "weights": [numbers], "draws": [{"kind", "draw",
 * "value"}]}. Numbers have 17 significant digits; what is not a finite number is null. TSR_ERUNTIME: no memory. */
tsr_status tsr_replay_print_json(const tsr_job *job, const tsr_replay_wish *wish, const tsr_replay *replay, FILE *out);

#endif
