#include "engine/designs/vegas.h"

#include "engine/designs/grid.h"
#include "engine/designs/sobol.h"
#include "engine/designs/vegas_map.h"
#include "engine/exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SOBOL, RANDOM, DIMENSIONS_MAX = 100, TRAINING_SHIFT = 48 };

static const tsr_param params[] = {
    TSR_PARAM_REPLICATES,
    {.name = "points",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "sobol",
     .choices = "sobol|random",
     .help = "what is mapped: scrambled Sobol points, or independent ones"},
    {.name = "trainings",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "6",
     .minimum = 1,
     .maximum = 100,
     .help = "how often the map is improved before the first pass"},
    {.name = "training_items",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "32768",
     .minimum = 1024,
     .maximum = 1e12,
     .help = "items of each training; they are not part of the results"},
    {.name = "bins",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "128",
     .minimum = 2,
     .maximum = 4096,
     .help = "intervals of each coordinate"},
    {.name = "damping",
     .type = TSR_REAL,
     .unit = "1",
     .preset = "1",
     .minimum = 0,
     .maximum = 4,
     .help = "how strongly the map follows what a training found; 0 not at all, 1.5 as Lepage did"},
    {.name = "scramble",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "owen",
     .choices = "owen|shift",
     .help = "what makes the Sobol points of a replicate random: nested uniform scrambling, or a digital shift"},
    TSR_PARAM_PATH("bridge"),
    {.name = NULL},
};

typedef struct {
    tsr_grid grid;
    void *sobol; /* the model of that design, or NULL: independent points */
    int bins;
    double damping;
    int64_t training_items;
    int64_t trainings;            /* still to come */
    double *edge;                 /* [dimensions, bins + 1] */
    tsr_vegas_interval *interval; /* [dimensions, bins], what the edges say */
    double *scratch;              /* of train: [3 bins + 1] */
} vegas;

static void destroy(void *model) {
    vegas *design = model;
    if (design == NULL) return;
    tsr_design_sobol.destroy(design->sobol);
    free(design->edge);
    free(design->interval);
    free(design->scratch);
    tsr_grid_destroy(design);
}

static double *edges_of(const vegas *design, int64_t dimension) {
    return design->edge + dimension * (design->bins + 1);
}

static tsr_vegas_interval *intervals_of(const vegas *design, int64_t dimension) {
    return design->interval + dimension * design->bins;
}

static tsr_status create(const tsr_params *given, const tsr_demand *demand, const tsr_stream *stream, void **model) {
    const int64_t dimensions = demand->uniforms + demand->normals;
    *model = NULL;
    if (dimensions > DIMENSIONS_MAX)
        return tsr_params_fail(given, NULL, "the source takes %lld draws for an item, and VEGAS learns at most %d",
                               (long long)dimensions, DIMENSIONS_MAX);
    TSR_TRY(tsr_grid_create(given, demand, stream, sizeof(vegas), model));
    vegas *design = *model;
    if (tsr_params_choice(given, "points") == SOBOL)
        TSR_TRY(tsr_design_sobol.create(given, demand, stream, &design->sobol));
    design->bins = (int)tsr_params_integer(given, "bins");
    design->damping = tsr_params_real(given, "damping");
    design->training_items = tsr_params_integer(given, "training_items");
    design->trainings = tsr_params_integer(given, "trainings");
    design->edge = malloc((size_t)dimensions * ((size_t)design->bins + 1) * sizeof(double));
    design->interval = malloc((size_t)dimensions * (size_t)design->bins * sizeof(*design->interval));
    design->scratch = malloc((3 * (size_t)design->bins + 1) * sizeof(double));
    TSR_REQUIRE(design->edge != NULL && design->interval != NULL && design->scratch != NULL, TSR_ERUNTIME,
                "no memory for a map of %lld dimensions", (long long)dimensions);
    for (int64_t d = 0; d < dimensions; d++) {
        tsr_vegas_begin(design->bins, edges_of(design, d));
        tsr_vegas_intervals(design->bins, edges_of(design, d), intervals_of(design, d));
    }
    return TSR_OK;
}

/* Points before they are mapped. Trainings have independent points of their own. */
static void unmapped(const vegas *design, const tsr_portion *portion, int64_t stride, double *out) {
    if (design->trainings == 0 && design->sobol != NULL) {
        tsr_design_sobol.coordinates(design->sobol, portion, stride, out);
        return;
    }
    tsr_grid grid = design->grid;
    grid.stream.point |= (uint64_t)design->trainings << TRAINING_SHIFT;
    tsr_grid_uniforms(&grid, portion, stride, out);
}

static void coordinates(const void *model, const tsr_portion *portion, int64_t stride, double *out) {
    const vegas *design = model;
    unmapped(design, portion, stride, out);
    for (int64_t d = 0; d < portion->dimensions; d++)
        tsr_vegas_map(design->bins, intervals_of(design, portion->dimension + d), portion->items, out + d * stride);
}

/* Calls visit with the unmapped coordinates of all dimensions, a few at a time, as draws ask for them. */
typedef void (*visit_fn)(const vegas *design, int64_t dimension, const double *y, void *data);

static void visit_kind(const vegas *design, tsr_portion portion, int64_t end, visit_fn visit, void *data) {
    double y[TSR_QUAD][TSR_GROUP_ITEMS];
    for (; portion.dimension < end; portion.dimension += portion.dimensions) {
        portion.dimensions = end - portion.dimension < TSR_QUAD ? end - portion.dimension : TSR_QUAD;
        unmapped(design, &portion, TSR_GROUP_ITEMS, y[0]);
        for (int64_t d = 0; d < portion.dimensions; d++) visit(design, portion.dimension + d, y[d], data);
    }
}

static void visit_all(const vegas *design, int64_t item, int64_t items, visit_fn visit, void *data) {
    const tsr_portion uniforms = {.item = item, .items = items};
    const tsr_portion normals = {.item = item, .items = items, .dimension = design->grid.uniforms};
    visit_kind(design, uniforms, design->grid.uniforms, visit, data);
    visit_kind(design, normals, design->grid.dimensions, visit, data);
}

typedef struct {
    int64_t items;
    double *weight;
} weighing;

static void weigh(const vegas *design, int64_t dimension, const double *y, void *data) {
    const weighing *out = data;
    tsr_vegas_weigh(design->bins, intervals_of(design, dimension), out->items, y, out->weight);
}

static void weights(const void *model, int64_t item, int64_t items, double *out) {
    for (int64_t i = 0; i < items; i++) out[i] = 1.0;
    visit_all(model, item, items, weigh, &(weighing){items, out});
}

/* ---- training ---- */

static int64_t training_items(const void *model) {
    const vegas *design = model;
    return design->trainings > 0 ? design->training_items : 0;
}

/* A page a dimension: the exact sum of squares in each bin. In a tile they are plain doubles. */
static tsr_layout layout(const void *model) {
    const vegas *design = model;
    return (tsr_layout){.pages = design->grid.dimensions, .page_words = (int64_t)design->bins * TSR_EXACT_WORDS};
}

static size_t scratch_bytes(const void *model) {
    const vegas *design = model;
    return (size_t)(design->grid.dimensions * design->bins) * sizeof(double);
}

static tsr_status begin_tile(const tsr_fold *fold) {
    memset(fold->scratch, 0, scratch_bytes(fold->model));
    return TSR_OK;
}

typedef struct {
    const tsr_block *block;
    double *sum; /* [dimensions, bins] */
} squares;

static void add_squares(const vegas *design, int64_t dimension, const double *y, void *data) {
    const squares *into = data;
    const double *value = tsr_column(into->block, 0);
    double *sum = into->sum + dimension * design->bins;
    for (int64_t i = 0; i < into->block->items; i++) sum[tsr_vegas_bin(design->bins, y[i])] += value[i] * value[i];
}

/* Runs between skipped items may begin within a group, but never reach beyond it. */
static tsr_status add_block(const tsr_fold *fold, const tsr_block *block) {
    visit_all(fold->model, block->item, block->items, add_squares, &(squares){block, fold->scratch});
    return TSR_OK;
}

static tsr_status end_tile(const tsr_fold *fold) {
    const vegas *design = fold->model;
    const double *sum = fold->scratch;
    for (int64_t d = 0; d < design->grid.dimensions; d++) {
        tsr_exact *exact = (tsr_exact *)tsr_state_page(fold->state, d);
        TSR_REQUIRE(exact != NULL, TSR_ERUNTIME, "no memory to train a map");
        for (int i = 0; i < design->bins; i++) tsr_exact_add(&exact[i], sum[d * design->bins + i]);
    }
    return TSR_OK;
}

static void settle(const void *model, tsr_state *state) {
    const vegas *design = model;
    for (int64_t d = 0; d < design->grid.dimensions; d++) {
        tsr_exact *exact = tsr_state_find(state, d) == NULL ? NULL : (tsr_exact *)tsr_state_page(state, d);
        for (int i = 0; exact != NULL && i < design->bins; i++) tsr_exact_settle(&exact[i]);
    }
}

static tsr_status train(void *model, const tsr_state *state) {
    vegas *design = model;
    double *square = design->scratch;
    for (int64_t d = 0; d < design->grid.dimensions; d++) {
        const tsr_exact *exact = (const tsr_exact *)tsr_state_find(state, d);
        for (int i = 0; exact != NULL && i < design->bins; i++) square[i] = tsr_exact_round(&exact[i]);
        if (exact == NULL) continue;
        tsr_vegas_refine(design->bins, square, design->damping, edges_of(design, d), design->scratch + design->bins);
        tsr_vegas_intervals(design->bins, edges_of(design, d), intervals_of(design, d));
    }
    design->trainings--;
    return TSR_OK;
}

static const tsr_tally training = {
    .name = "training",
    .summary = "squares of the first column in the bins of every coordinate",
    .reference = "G. P. Lepage, J. Comput. Phys. 27 (1978) 192",
    .layout = layout,
    .scratch_bytes = scratch_bytes,
    .begin_tile = begin_tile,
    .add_block = add_block,
    .end_tile = end_tile,
    .settle = settle,
};

const tsr_design tsr_design_vegas = {
    .name = "vegas",
    .summary = "importance sampling along each coordinate, learned from the first column; columns are weighted",
    .reference = "G. P. Lepage, J. Comput. Phys. 27 (1978) 192",
    .params = params,
    .group_items = TSR_GROUP_ITEMS,
    .create = create,
    .destroy = destroy,
    .coordinates = coordinates,
    .path = tsr_grid_path,
    .weights = weights,
    .training_items = training_items,
    .training = &training,
    .train = train,
};
