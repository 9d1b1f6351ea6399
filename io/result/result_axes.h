/* The dimensions of a result file: which of a run's axes are the same, and how they are called.
 * An axis gets its own name ("column"); another one that wants the same name gets its stage's or result's before it.
 * Internal to result_*.c. */
#ifndef TSR_IO_RESULT_AXES_H
#define TSR_IO_RESULT_AXES_H

#include "engine/run.h"
#include "io/result/contents.h"

enum { TSR_COORDINATES_BYTES = 512 };

/* One axis of the file: what it says, and its entry in the contents. */
typedef struct {
    const tsr_dimension *dimension;          /* borrowed from the outcome */
    int entry;                               /* in the contents */
    char coordinates[TSR_COORDINATES_BYTES]; /* further variables that say where its points lie: "strike rate" */
} tsr_file_axis;

typedef struct {
    const tsr_job *job;
    tsr_contents *contents;
    tsr_file_axis *axis;
    int count;
    int capacity;
} tsr_result_axes;

/* Who asks, for the name of a new axis. result: NULL for an axis of the sweep. */
typedef struct {
    const tsr_stage_outcome *stage;
    const char *result;
} tsr_axis_owner;

bool tsr_dimension_is_same(const tsr_dimension *one, const tsr_dimension *other);

/* The axis of the file for a dimension, added with its labels or coordinates if there is none yet; NULL: no memory
 * (the contents remember). Borrowed until the next call. */
const tsr_file_axis *tsr_result_axis(tsr_result_axes *axes, const tsr_dimension *dimension,
                                     const tsr_axis_owner *owner);

void tsr_result_axes_clear(tsr_result_axes *axes);

#endif
