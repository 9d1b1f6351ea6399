/* A point of a stage: its parameters bound, its models made, its items counted.
 * Layer 4. Internal to stage.c. Nothing here is collective. */
#ifndef TSR_ENGINE_STAGE_POINT_H
#define TSR_ENGINE_STAGE_POINT_H

#include "engine/stage.h"

/* How results of earlier stages are found for a point; without `find` there are none. */
typedef struct {
    tsr_stage_find_fn find;
    const void *earlier;
    const int64_t *digits;
} tsr_point_lookup;

/* Of the lookup `data`, as bindings ask for it. */
const tsr_results *tsr_point_find(const void *data, const char *name);

/* Allocate. TSR_EUSAGE, TSR_EDATA, TSR_ERUNTIME. */
tsr_status tsr_point_bind(tsr_bound_stage *stage, const tsr_point_lookup *lookup, tsr_point *point);
tsr_status tsr_point_make(tsr_bound_stage *stage, int64_t index, const int64_t *digits);

#endif
