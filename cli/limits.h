/* Limits: how long a run may take, and how often it is put on record. */
#ifndef TSR_CLI_LIMITS_H
#define TSR_CLI_LIMITS_H

#include "engine/pace.h"
#include "engine/status.h"

#include <stdint.h>

/* As they are asked for; NULL: not. */
typedef struct {
    const char *checkpoint_every;
    const char *mtbf;
    const char *max_time;
} tsr_limit_texts;

typedef struct {
    tsr_pace_terms terms;
    const char *end; /* where the end of the time comes from, for messages */
} tsr_limits;

/* begun_ns: when the process began (tsr_clock_ns): --max-time counts from there. Not collective; thread-safe;
 * allocates nothing. TSR_EUSAGE: not a duration. */
tsr_status tsr_limits_read(const tsr_limit_texts *texts, int64_t begun_ns, tsr_limits *out);

/* Asks the batch system, too; the earlier end counts. note: "", or a sentence for the user. On one rank; may take
 * seconds. */
enum { TSR_LIMITS_NOTE_BYTES = 256 };
void tsr_limits_ask(tsr_limits *limits, char note[TSR_LIMITS_NOTE_BYTES]);

#endif
