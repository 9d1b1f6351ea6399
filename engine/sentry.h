/* The sentry: a thread that watches the roll. When there has been no sign of life on a host for some time (a tile
 * finished, a wait entered or left), it tells on stderr where every rank of the host is; after a longer time it ends
 * its process, so that the launcher ends the others: a lost link or a dead host never shows up as an error of MPI.
 * Layer 3. Never speaks MPI, which belongs to thread 0. On every host the first rank that is awake speaks. */
#ifndef TSR_ENGINE_SENTRY_H
#define TSR_ENGINE_SENTRY_H

#include "engine/roll.h"

typedef struct tsr_sentry tsr_sentry;

/* Time in which this process or its sentry was stopped is not counted. */
typedef struct {
    double warn_s;  /* > 0: the first roll call; the next ones come after twice, four times, ... as long */
    double limit_s; /* the end, with exit code 71; 0: never. Never before ten times the longest tile seen on the host */
} tsr_sentry_options;

enum { TSR_SENTRY_WARN_S = 60, TSR_SENTRY_LIMIT_S = 1800 };

/* Calls warn early enough where the limit is short. limit_s: >= 0. */
tsr_sentry_options tsr_sentry_options_make(double limit_s);

/* Starts the thread. Not collective; allocates *out, which keeps the roll. A NULL roll: *out is NULL, nothing is
 * watched. TSR_ERUNTIME: no thread, no memory. */
tsr_status tsr_sentry_start(tsr_roll *roll, const tsr_sentry_options *options, tsr_sentry **out);

/* Ends the thread, at once. Accepts NULL. */
void tsr_sentry_stop(tsr_sentry **sentry);

#endif
