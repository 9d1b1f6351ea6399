/* Durations as people and schedulers write them.
 * Layer 1. Grammar: seconds as a number (90, 1e3); numbers with units, larger ones first (90s, 15m, 1.5h, 2d, 1h30m, 2
 * h 05 min); with colons (MM:SS, HH:MM:SS); as Slurm writes days (D-HH, D-HH:MM, D-HH:MM:SS). */
#ifndef TSR_ENGINE_DURATION_H
#define TSR_ENGINE_DURATION_H

#include "engine/status.h"

/* Seconds >= 0, finite. A number alone is seconds (to sbatch --time it would be minutes). The first field of a text
 * with colons or a dash may be as large as it likes, the others not. Not collective; thread-safe; allocates nothing.
 * TSR_EUSAGE: not of the grammar; what: how the message calls it, "--max-time". *seconds is set only on success. */
tsr_status tsr_duration_read(const char *text, const char *what, double *seconds);

#endif
