#include "engine/tallies/binned.h"
#include "engine/tallies/histogram_model.h"
#include "engine/tallies/survey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Shapes: values of bins [columns, bins], edges [columns, bins + 1], outside [columns, 3]; one piece of memory. */
typedef struct {
    tsr_binned_values bins; /* shares become densities */
    double *edge;
    double *axis; /* [bins + 1]: centres of shared bins, or numbers from 0 */
    bool few;     /* some column's weights count as few items */
} solution;

static size_t solution_length(const tsr_histogram_model *model) {
    const size_t columns = (size_t)model->columns->count, bins = (size_t)model->count;
    return columns * (5 * bins + 1 + TSR_BINS_OUTSIDE) + bins + 1;
}

static solution divide(const tsr_histogram_model *model, double *memory) {
    const size_t cells = (size_t)model->columns->count * (size_t)model->count;
    solution out = {.bins = {.value = memory,
                             .error = memory + cells,
                             .share = memory + 2 * cells,
                             .share_error = memory + 3 * cells,
                             .outside = memory + 4 * cells}};
    out.edge = out.bins.outside + (size_t)model->columns->count * TSR_BINS_OUTSIDE;
    out.axis = out.edge + cells + (size_t)model->columns->count;
    return out;
}

static double constant_weight(const tsr_histogram_model *model, const tsr_state *state) {
    if (model->weight == NULL) return 1.0;
    return tsr_share_weight(tsr_state_records_get(state) + tsr_histogram_weight_record(model));
}

static void solve_column(const tsr_histogram_model *model, const tsr_state *state, int column, solution *out) {
    const int64_t bins = model->count, place = column * bins;
    const tsr_bins range = tsr_histogram_bins(model, state, column);
    const tsr_binned binned = {.slots = model->slots,
                               .state = state,
                               .first = tsr_histogram_page(model, column),
                               .cells = bins,
                               .not_numbers = 1u << TSR_BINS_NAN,
                               .weight = constant_weight(model, state)};
    const tsr_binned_values values = {.value = out->bins.value + place,
                                      .error = out->bins.error + place,
                                      .share = out->bins.share + place,
                                      .share_error = out->bins.share_error + place,
                                      .outside = out->bins.outside + (int64_t)column * TSR_BINS_OUTSIDE};
    out->few = tsr_binned_solve(&binned, &values) < TSR_BINNED_FEW || out->few;
    for (int64_t i = 0; i < bins; i++) {
        values.share[i] /= tsr_bins_width(&range, i);
        values.share_error[i] /= tsr_bins_width(&range, i);
    }
    for (int64_t i = 0; i <= bins; i++) out->edge[column * (bins + 1) + i] = tsr_bins_edge(&range, i);
}

/* The unit that all columns have, or "1". */
static const char *shared_unit(const tsr_columns *columns) {
    for (int c = 1; c < columns->count; c++)
        if (strcmp(columns->unit[c], columns->unit[0]) != 0) return "1";
    return columns->unit[0];
}

/* Sums of weights have one unit, that of the weights. */
static tsr_status add_sums(const tsr_histogram_model *model, tsr_result result, tsr_results *results) {
    const tsr_columns *columns = model->columns;
    result.integer = model->weight == NULL;
    result.total = true;
    if (result.integer) return tsr_columns_add(columns, 0, result, results);
    result.dimensions++;
    result.dimension[0] =
        (tsr_dimension){.name = "column", .length = columns->count, .labels = columns->label, .unit = "1"};
    result.unit = model->weight->unit;
    return tsr_results_add(results, &result);
}

static tsr_status add_bins(const tsr_histogram_model *model, const solution *found, tsr_results *results) {
    tsr_result histogram = {
        .name = "histogram",
        .long_name = model->weight == NULL ? "items in each bin, left edge included"
                                           : "sum of the weights of the items in each bin, left edge included",
        .dimensions = 1,
        .dimension = {[1] = {.name = "bin",
                             .length = model->count,
                             .coordinates = found->axis,
                             .unit = model->automatic ? "1" : shared_unit(model->columns)}},
        .value = found->bins.value,
        .error = found->bins.error,
    };
    TSR_TRY(add_sums(model, histogram, results));
    if (!model->density) return TSR_OK;
    histogram.name = "histogram_density";
    histogram.long_name = "share of the items in each bin per width of the bin";
    if (model->weight != NULL)
        histogram.long_name =
            found->few ? "share of the weight in each bin per width of the bin; WARNING: its error is rough, "
                         "since the weights say as much as fewer than 100 items"
                       : "share of the weight in each bin per width of the bin";
    histogram.value = found->bins.share;
    histogram.error = found->bins.share_error;
    return tsr_columns_add(model->columns, -1, histogram, results);
}

static tsr_status add_edges(const tsr_histogram_model *model, const solution *found, tsr_results *results) {
    static const char *const places[TSR_BINS_OUTSIDE] = {"below", "above", "nan"};
    for (int i = 0; i <= model->count; i++) found->axis[i] = i;
    const tsr_result edges = {
        .name = "histogram_edges",
        .long_name = "edges of the bins, from the left edge of the first to the right edge of the last",
        .dimensions = 1,
        .dimension = {[1] = {.name = "edge", .length = model->count + 1, .coordinates = found->axis, .unit = "1"}},
        .value = found->edge,
    };
    const tsr_result outside = {
        .name = "histogram_outside",
        .long_name = model->weight == NULL
                         ? "items outside the bins: below the first edge, above the last, not a number"
                         : "sum of weights outside the bins: below the first edge, above the last, not a number",
        .dimensions = 1,
        .dimension = {[1] = {.name = "place", .length = TSR_BINS_OUTSIDE, .labels = places, .unit = "1"}},
        .value = found->bins.outside,
    };
    TSR_TRY(tsr_columns_add(model->columns, 1, edges, results));
    return add_sums(model, outside, results);
}

tsr_status tsr_histogram_solve(const void *data, const tsr_state *state, tsr_results *results) {
    const tsr_histogram_model *model = data;
    double *memory = malloc(solution_length(model) * sizeof(*memory));
    TSR_REQUIRE(memory != NULL, TSR_ERUNTIME, "no memory for a histogram of %d bins", (int)model->count);
    solution found = divide(model, memory);
    for (int c = 0; c < model->columns->count; c++) solve_column(model, state, c, &found);
    for (int32_t i = 0; i < model->count; i++)
        found.axis[i] = model->automatic ? i : tsr_bins_centre(&model->shared.bins, i);
    tsr_status status = add_bins(model, &found, results);
    if (status == TSR_OK) status = add_edges(model, &found, results);
    free(memory);
    return status;
}
