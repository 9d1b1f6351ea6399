/* The keys of the job file language, and the checks that many of their values share. */
#ifndef TSR_IO_JOB_KEYS_H
#define TSR_IO_JOB_KEYS_H

#include "engine/setting.h"
#include "engine/status.h"

#include <stdint.h>

enum {
    TSR_NAME_BYTES_MAX = 64,
    TSR_STAGES_MAX = 64,
    TSR_POINTS_MAX = 1000000 /* of a sweep */
};

/* Lists end with NULL. A job with one stage may hold the keys of the stage but for its name. */
extern const char *const tsr_job_keys[];
extern const char *const tsr_stage_keys[];

/* All of these fail with TSR_EUSAGE, where and why. */

/* Every key of the map is one of `known`. what: "key of a job". */
tsr_status tsr_keys_check(const tsr_setting *map, const char *what, const char *const *known);

/* The setting is of this kind. example: how it could look. */
tsr_status tsr_kind_check(const tsr_setting *setting, tsr_setting_kind kind, const char *example);

/* A name: 1 .. TSR_NAME_BYTES_MAX of A-Z a-z 0-9 _ -; borrowed from the tree. */
tsr_status tsr_name_read(const tsr_setting *setting, const char **out);

/* A whole number within bounds: 1000000, 1e6. */
tsr_status tsr_integer_read(const tsr_setting *setting, int64_t minimum, int64_t maximum, int64_t *out);

/* The value of `items`. */
tsr_status tsr_items_read(const tsr_setting *setting, int64_t *out);

/* A seed: a whole number 0 .. 2^64 - 1 in plain digits. */
tsr_status tsr_seed_read(const tsr_setting *setting, uint64_t *out);

#endif
