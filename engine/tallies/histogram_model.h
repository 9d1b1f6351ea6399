/* Inside the tally "histogram": what its folding and its solving share.
 * Layer 2. */
#ifndef TSR_ENGINE_HISTOGRAM_MODEL_H
#define TSR_ENGINE_HISTOGRAM_MODEL_H

#include "engine/tallies/axis.h"
#include "engine/tallies/columns.h"
#include "engine/tallies/slots.h"

typedef struct {
    tsr_columns *columns;
    const tsr_field *weight; /* column of weights, or NULL */
    int32_t count;           /* bins */
    bool automatic;
    bool density;
    tsr_axis shared; /* unless automatic */
    tsr_slots slots; /* of a column: bins, then what lies outside */
} tsr_histogram_model;

/* Page of the state where a column's slots begin; record where those of the weights begin. */
int64_t tsr_histogram_page(const tsr_histogram_model *model, int column);
int64_t tsr_histogram_weight_record(const tsr_histogram_model *model);

/* A column's bins: shared, or what the first pass in a settled state says. */
tsr_bins tsr_histogram_bins(const tsr_histogram_model *model, const tsr_state *settled, int column);

/* As in engine/tally.h. */
tsr_status tsr_histogram_solve(const void *model, const tsr_state *state, tsr_results *results);

#endif
