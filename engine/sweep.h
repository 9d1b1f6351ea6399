/* The sweep of a job: which axes change which stage, and the numbering of points.
 * Layer 3. Pure functions of the job. */
#ifndef TSR_ENGINE_SWEEP_H
#define TSR_ENGINE_SWEEP_H

#include "engine/job.h"

enum { TSR_AXES_MAX = 8 };

/* The points of one stage: the axes swept in it, or in a stage whose results it reads. Without any: one point. */
typedef struct {
    bool needs_earlier; /* reads the results of another stage */
    bool zipped;        /* all axes move together: one dimension */
    int axes;
    int axis[TSR_AXES_MAX]; /* indices into the job's axes; the first one when zipped */
    int64_t points;         /* row-major over the axes */
} tsr_span;

void tsr_sweep_span(const tsr_job *job, int stage, tsr_span *out);

/* The earlier stages whose results a stage reads, as a set of bits; and the stage itself with all that it reads,
 * directly or not. */
uint64_t tsr_sweep_needs(const tsr_job *job, int stage);
uint64_t tsr_sweep_lineage(const tsr_job *job, int stage);

/* The value index on every axis of the job at a point: digits [axis_count]; 0 on axes that do not touch the stage. */
void tsr_sweep_digits(const tsr_job *job, const tsr_span *span, int64_t point, int64_t *digits);

/* The point with these value indices. */
int64_t tsr_sweep_point(const tsr_job *job, const tsr_span *span, const int64_t *digits);

/* Binds the settings of one component of a stage with swept values in place of written ones. Allocates *out.
 * TSR_EUSAGE as tsr_params_bind. */
tsr_status tsr_sweep_bind(const tsr_job *job, const char *stage, const int64_t *digits, const tsr_param *table,
                          const tsr_setting *written, const char *owner, const tsr_binding *binding, tsr_params **out);

#endif
