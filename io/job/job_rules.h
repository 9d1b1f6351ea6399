/* The rules of a stage: when it stops early, and what it does with numbers that are not finite. */
#ifndef TSR_IO_JOB_RULES_H
#define TSR_IO_JOB_RULES_H

#include "engine/job.h"
#include "io/job/arena.h"

/* The rows of `until`; ends with a NULL name. */
extern const tsr_param tsr_until_rows[];

/* Reads `until: {...}` of a stage into out->until and, where given, out->items. Texts go to the arena. TSR_EUSAGE: not
 * of the form, no bound, no names; TSR_ERUNTIME. */
tsr_status tsr_until_read(const tsr_setting *setting, tsr_arena *arena, tsr_stage *out);

/* Reads `nonfinite: abort|skip|keep` or `nonfinite: {policy: skip, limit: 0.01}`; NULL: abort. TSR_EUSAGE,
 * TSR_ERUNTIME. */
tsr_status tsr_nonfinite_read(const tsr_setting *setting, tsr_stage *out);

#endif
