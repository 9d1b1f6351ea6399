#include "engine/tallies/histogram_2d.h"

#include "engine/tallies/binned.h"
#include "engine/tallies/columns.h"
#include "engine/tallies/grid.h"

#include <stdio.h>
#include <stdlib.h>

static const tsr_param table[] = {
    TSR_PARAM_OF,
    {.name = "bins",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "50",
     .minimum = 1,
     .maximum = TSR_AXIS_BINS_MAX,
     .help = "how many bins on each axis"},
    {.name = "range",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "edges at the ends of each axis, in units of the columns: [[x first, x last], [y first, y last]]"},
    {.name = "scale",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .preset = "linear",
     .help = "linear or log, of each axis: bins of equal width, or of equal ratio of their edges"},
    {.name = "edges_x",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "all edges of the first axis, increasing; bins, range and scale are then those of the other axis"},
    {.name = "edges_y", .type = TSR_REAL_LIST, .unit = "1", .preset = "", .help = "the same of the second axis"},
    {.name = "density",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "false",
     .help = "also give shares of all items per area of a cell"},
    TSR_PARAM_WEIGHT,
    {.name = NULL},
};

typedef struct {
    tsr_columns *columns;
    const tsr_field *weight; /* column of weights, or NULL */
    bool density;
    tsr_grid grid;
    tsr_slots slots;
} histogram_2d;

static void destroy(void *data) {
    histogram_2d *model = data;
    if (model == NULL) return;
    tsr_columns_destroy(&model->columns);
    tsr_grid_clear(&model->grid);
    free(model);
}

static tsr_status read_columns(const tsr_params *params, const tsr_field *fields, histogram_2d *model) {
    TSR_TRY(tsr_columns_create(params, fields, &model->columns));
    if (model->columns->count != TSR_GRID_AXES)
        return tsr_params_fail(params, "of", "it needs two columns, and has %d; name them: of: [x, y]",
                               model->columns->count);
    if (model->columns->weight >= 0) model->weight = &fields[model->columns->weight];
    return TSR_OK;
}

static tsr_status create(const tsr_params *params, const tsr_field *fields, void **out) {
    tsr_status status = TSR_OK;
    histogram_2d *model = calloc(1, sizeof(*model));
    if (model == NULL) return TSR_FAIL(TSR_ERUNTIME, "no memory for a tally");
    model->density = tsr_params_boolean(params, "density");
    TSR_TRY_OUT(read_columns(params, fields, model));
    TSR_TRY_OUT(tsr_grid_read(params, &model->grid));
    model->slots = (tsr_slots){.count = model->grid.cells + TSR_GRID_OUTSIDE, .weighted = model->weight != NULL};
    if (model->slots.weighted && model->grid.cells > TSR_SLOTS_WEIGHTED_MAX) {
        status = tsr_params_fail(params, "weight", "the grid has %lld cells; with weights, %d are allowed",
                                 (long long)model->grid.cells, TSR_SLOTS_WEIGHTED_MAX);
        goto out;
    }
    *out = model;
    model = NULL;
out:
    destroy(model);
    return status;
}

static tsr_layout layout(const void *data) {
    const histogram_2d *model = data;
    return (tsr_layout){.pages = tsr_slots_pages(&model->slots),
                        .page_words = tsr_slots_page_words(&model->slots),
                        .records = model->weight != NULL ? TSR_SHARE_RECORDS : 0};
}

static size_t scratch_bytes(const void *data) { return tsr_slots_scratch_bytes(&((const histogram_2d *)data)->slots); }

static tsr_status begin_tile(const tsr_fold *fold) {
    tsr_slots_begin(&((const histogram_2d *)fold->model)->slots, fold->state, 0, fold->scratch);
    return TSR_OK;
}

static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    const histogram_2d *model = fold->model;
    const tsr_columns *columns = model->columns;
    int32_t slots[TSR_BLOCK_ITEMS_MAX];
    const double *weight;
    TSR_TRY(tsr_columns_weights(columns, block, &weight));
    if (weight != NULL) tsr_share_offer_weights(weight, block->items, tsr_state_records(fold->state));
    tsr_grid_find(&model->grid, tsr_column(block, columns->index[0]), tsr_column(block, columns->index[1]),
                  block->items, slots);
    return tsr_slots_add(fold->scratch, slots, weight, block->items);
}

static tsr_status end_tile(const tsr_fold *fold) { return tsr_slots_end(fold->scratch); }

static void settle(const void *data, tsr_state *state) {
    tsr_slots_settle(&((const histogram_2d *)data)->slots, state, 0);
}

/* ---- solve ---- */

enum { NAME_BYTES = 128 };

/* One piece of memory: cells, and what lies outside by axis and place. */
typedef struct {
    double *memory;
    tsr_binned_values cells; /* shares become densities */
    double place[TSR_GRID_AXES * TSR_BINS_OUTSIDE];
    double outside[TSR_GRID_OUTSIDE];
    double *centre[TSR_GRID_AXES]; /* [bins] */
    double *edge[TSR_GRID_AXES];   /* [bins + 1] */
    double *number[TSR_GRID_AXES]; /* [bins + 1]: 0, 1, ... */
    bool few;                      /* the weights count as few items */
} solution;

static tsr_status solution_create(const histogram_2d *model, solution *out) {
    const int64_t cells = model->grid.cells, arrays = model->density ? 4 : 2;
    int64_t length = arrays * cells;
    for (int a = 0; a < TSR_GRID_AXES; a++) length += 3 * ((int64_t)model->grid.axis[a].bins.count + 1);
    double *next = out->memory = malloc((size_t)length * sizeof(*next));
    TSR_REQUIRE(next != NULL, TSR_ERUNTIME, "no memory for a histogram of %lld cells", (long long)cells);
    for (int a = 0; a < TSR_GRID_AXES; a++) {
        const int64_t edges = (int64_t)model->grid.axis[a].bins.count + 1;
        out->centre[a] = next;
        out->edge[a] = next + edges;
        out->number[a] = next + 2 * edges;
        next += 3 * edges;
    }
    out->cells = (tsr_binned_values){.value = next, .error = next + cells, .outside = out->outside};
    if (!model->density) return TSR_OK;
    out->cells.share = next + 2 * cells;
    out->cells.share_error = next + 3 * cells;
    return TSR_OK;
}

static void solve_axes(const histogram_2d *model, solution *out) {
    for (int a = 0; a < TSR_GRID_AXES; a++) {
        const tsr_bins *bins = &model->grid.axis[a].bins;
        for (int64_t i = 0; i < bins->count; i++) out->centre[a][i] = tsr_bins_centre(bins, i);
        for (int64_t i = 0; i <= bins->count; i++) {
            out->edge[a][i] = tsr_bins_edge(bins, i);
            out->number[a][i] = (double)i;
        }
    }
}

static uint32_t places_of_nan(void) {
    uint32_t places = 0;
    for (int o = 0; o < TSR_GRID_OUTSIDE; o++)
        for (int a = 0; a < TSR_GRID_AXES; a++)
            if (tsr_grid_place(o, a) == TSR_BINS_NAN) places |= 1u << o;
    return places;
}

static void solve_cells(const histogram_2d *model, const tsr_state *state, solution *out) {
    const tsr_bins *x = &model->grid.axis[0].bins, *y = &model->grid.axis[1].bins;
    const tsr_binned binned = {.slots = model->slots,
                               .state = state,
                               .cells = model->grid.cells,
                               .not_numbers = places_of_nan(),
                               .weight = model->weight == NULL ? 1.0 : tsr_share_weight(tsr_state_records_get(state))};
    out->few = tsr_binned_solve(&binned, &out->cells) < TSR_BINNED_FEW;
    for (int64_t i = 0; i < model->grid.cells && model->density; i++) {
        const double width = tsr_bins_width(x, i / y->count), height = tsr_bins_width(y, i % y->count);
        out->cells.share[i] = out->cells.share[i] / width / height;
        out->cells.share_error[i] = out->cells.share_error[i] / width / height;
    }
    for (int i = 0; i < TSR_GRID_AXES * TSR_BINS_OUTSIDE; i++) out->place[i] = 0.0;
    for (int o = 0; o < TSR_GRID_OUTSIDE; o++)
        for (int a = 0; a < TSR_GRID_AXES; a++)
            if (tsr_grid_place(o, a) >= 0) out->place[a * TSR_BINS_OUTSIDE + tsr_grid_place(o, a)] += out->outside[o];
}

static tsr_status add_cells(const histogram_2d *model, const solution *found, tsr_results *results) {
    const tsr_columns *columns = model->columns;
    char name[TSR_GRID_AXES][NAME_BYTES], area[TSR_UNIT_BYTES], unit[TSR_UNIT_BYTES];
    tsr_result cells = {
        .name = "histogram_2d",
        .long_name = model->weight == NULL ? "items in each cell, lower edges included"
                                           : "sum of the weights of the items in each cell, lower edges included",
        .unit = model->weight == NULL ? "1" : model->weight->unit,
        .dimensions = TSR_GRID_AXES,
        .value = found->cells.value,
        .error = found->cells.error,
        .integer = model->weight == NULL,
        .total = true,
    };
    for (int a = 0; a < TSR_GRID_AXES; a++) {
        snprintf(name[a], sizeof(name[a]), "%s_bin", columns->label[a]);
        cells.dimension[a] = (tsr_dimension){.name = name[a],
                                             .length = model->grid.axis[a].bins.count,
                                             .coordinates = found->centre[a],
                                             .unit = columns->unit[a]};
    }
    TSR_TRY(tsr_results_add(results, &cells));
    if (!model->density) return TSR_OK;
    tsr_unit_product(columns->unit[0], columns->unit[1], area);
    tsr_unit_inverse(area, unit);
    cells.name = "histogram_2d_density";
    cells.long_name = "share of the items in each cell per area of the cell";
    if (model->weight != NULL)
        cells.long_name = found->few
                              ? "share of the weight in each cell per area of the cell; WARNING: its error is rough, "
                                "since the weights say as much as fewer than 100 items"
                              : "share of the weight in each cell per area of the cell";
    cells.unit = unit;
    cells.value = found->cells.share;
    cells.error = found->cells.share_error;
    cells.integer = cells.total = false;
    return tsr_results_add(results, &cells);
}

static tsr_status add_edges(const histogram_2d *model, const solution *found, tsr_results *results) {
    static const char *const result_name[TSR_GRID_AXES] = {"histogram_2d_x_edges", "histogram_2d_y_edges"};
    for (int a = 0; a < TSR_GRID_AXES; a++) {
        char name[NAME_BYTES];
        snprintf(name, sizeof(name), "%s_edge", model->columns->label[a]);
        const tsr_result edges = {.name = result_name[a],
                                  .long_name = "edges of the bins of an axis, from the first to the last",
                                  .unit = model->columns->unit[a],
                                  .dimensions = 1,
                                  .dimension = {{.name = name,
                                                 .length = model->grid.axis[a].bins.count + 1,
                                                 .coordinates = found->number[a],
                                                 .unit = "1"}},
                                  .value = found->edge[a]};
        TSR_TRY(tsr_results_add(results, &edges));
    }
    return TSR_OK;
}

static tsr_status add_outside(const histogram_2d *model, const solution *found, tsr_results *results) {
    static const char *const places[TSR_BINS_OUTSIDE] = {"below", "above", "nan"};
    const tsr_result outside = {
        .name = "histogram_2d_outside",
        .long_name = model->weight == NULL
                         ? "items outside the bins of each axis: below the first edge, above the last, not a number"
                         : "sum of weights outside the bins of each axis: below the first edge, above the last, "
                           "not a number",
        .unit = model->weight == NULL ? "1" : model->weight->unit,
        .dimensions = 2,
        .dimension = {{.name = "axis", .length = TSR_GRID_AXES, .labels = model->columns->label, .unit = "1"},
                      {.name = "place", .length = TSR_BINS_OUTSIDE, .labels = places, .unit = "1"}},
        .value = found->place,
        .integer = model->weight == NULL,
        .total = true,
    };
    return tsr_results_add(results, &outside);
}

static tsr_status solve(const void *data, const tsr_state *state, tsr_results *results) {
    const histogram_2d *model = data;
    tsr_status status;
    solution found = {0};
    TSR_TRY_OUT(solution_create(model, &found));
    solve_axes(model, &found);
    solve_cells(model, state, &found);
    TSR_TRY_OUT(add_cells(model, &found, results));
    TSR_TRY_OUT(add_edges(model, &found, results));
    TSR_TRY_OUT(add_outside(model, &found, results));
out:
    free(found.memory);
    return status;
}

const tsr_tally tsr_tally_histogram_2d = {
    .name = "histogram_2d",
    .summary = "counts or weights in the cells of a grid over two columns, with error bars",
    .reference = "binomial counts; weights: ratio estimators, Cochran, Sampling Techniques, 3rd ed. (1977), 2.11",
    .params = table,
    .create = create,
    .destroy = destroy,
    .layout = layout,
    .scratch_bytes = scratch_bytes,
    .begin_tile = begin_tile,
    .add_block = add_block,
    .end_tile = end_tile,
    .settle = settle,
    .solve = solve,
};
