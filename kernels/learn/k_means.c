#include "kernels/learn/k_means_assign.h"
#include "kernels/learn/k_means_start.h"
#include "kernels/learn/nearest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLUSTERS_MAX = 1000, SUMS_MAX = 1000000, ITERATIONS_MAX = 1000, ALIGNMENT = 64 };

static const tsr_param params[] = {
    {.name = "clusters",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = NULL,
     .minimum = 1,
     .maximum = CLUSTERS_MAX,
     .help = "how many clusters"},
    TSR_PARAM_OF,
    {.name = "start",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "k_means_parallel",
     .choices = "k_means_parallel|first|random|given",
     .help = "centroids to begin with: k-means||, the first items, items at random, or `centroids`"},
    {.name = "centroids",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "centroids to begin with, one list of columns for each cluster: [[1, 2], [3, 4]]"},
    {.name = "iterations",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "100",
     .minimum = 1,
     .maximum = ITERATIONS_MAX,
     .help = "how often centroids are moved at most"},
    {.name = "tolerance",
     .type = TSR_REAL,
     .unit = "1",
     .preset = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "stop when no centroid would move farther than this"},
    {.name = NULL},
};

/* ---- what was asked for ---- */

static void k_means_destroy(void *model) {
    tsr_k_means *self = model;
    if (self == NULL) return;
    tsr_columns_destroy(&self->columns);
    free(self->given);
    free(self);
}

static tsr_status read_given(const tsr_params *given, tsr_k_means *self) {
    const int64_t wanted = (int64_t)self->clusters * self->columns->count;
    int64_t count;
    const double *value = tsr_params_reals(given, "centroids", &count);
    if (self->start != TSR_START_GIVEN) {
        return count == 0 ? TSR_OK : tsr_params_fail(given, "centroids", "these are read only with start: given");
    }
    if (count != wanted)
        return tsr_params_fail(given, "centroids", "%lld numbers for %d clusters of %d columns: give %lld",
                               (long long)count, self->clusters, self->columns->count, (long long)wanted);
    self->given = malloc((size_t)count * sizeof(*value));
    TSR_REQUIRE(self->given != NULL, TSR_ERUNTIME, "no memory for %lld numbers", (long long)count);
    memcpy(self->given, value, (size_t)count * sizeof(*value));
    return TSR_OK;
}

static tsr_status k_means_create(const tsr_params *given, const tsr_field *fields, void **model) {
    tsr_status status;
    tsr_k_means *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a tally");
    self->clusters = (int)tsr_params_integer(given, "clusters");
    self->start = (tsr_k_means_start)tsr_params_choice(given, "start");
    self->iterations = tsr_params_integer(given, "iterations");
    self->tolerance = tsr_params_real(given, "tolerance");
    TSR_TRY_OUT(tsr_columns_create(given, fields, &self->columns));
    if ((int64_t)self->clusters * self->columns->count > SUMS_MAX) {
        status = tsr_params_fail(given, "clusters", "%d clusters of %d columns are more than %d numbers: name fewer",
                                 self->clusters, self->columns->count, SUMS_MAX);
        goto out;
    }
    TSR_TRY_OUT(read_given(given, self));
    *model = self;
    self = NULL;
out:
    k_means_destroy(self);
    return status;
}

static tsr_layout k_means_layout(const void *model) { return tsr_k_means_layout(model); }

/* ---- scratch ---- */

typedef struct {
    int *count; /* one: points at hand */
    double *point;
    double *centred;
    double *square;
    double *origin;
    int *which;
    int *label;
    double *distance;
    tsr_k_means_tile tile;
} scratch;

/* Takes some bytes of a piece of memory of which `used` are taken. */
static void *take(void *memory, size_t bytes, size_t *used) {
    char *taken = memory == NULL ? NULL : (char *)memory + *used;
    *used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return taken;
}

/* memory NULL: only counts. Returns the bytes. */
static size_t lay_out(const tsr_k_means *self, void *memory, scratch *out) {
    const int candidates = tsr_k_means_candidates(self, tsr_k_means_rounds(self));
    const size_t points = (size_t)(candidates > self->clusters ? candidates : self->clusters);
    const size_t columns = (size_t)self->columns->count, clusters = (size_t)self->clusters;
    size_t used = 0;
    out->count = take(memory, sizeof(*out->count), &used);
    out->point = take(memory, points * columns * sizeof(*out->point), &used);
    out->centred = take(memory, points * columns * sizeof(*out->centred), &used);
    out->square = take(memory, points * sizeof(*out->square), &used);
    out->origin = take(memory, columns * sizeof(*out->origin), &used);
    out->which = take(memory, points * sizeof(*out->which), &used);
    out->label = take(memory, TSR_BLOCK_ITEMS_MAX * sizeof(*out->label), &used);
    out->distance = take(memory, TSR_BLOCK_ITEMS_MAX * sizeof(*out->distance), &used);
    out->tile.sum = take(memory, clusters * columns * sizeof(*out->tile.sum), &used);
    out->tile.size = take(memory, clusters * sizeof(*out->tile.size), &used);
    out->tile.inertia = take(memory, sizeof(*out->tile.inertia), &used);
    out->tile.items = take(memory, sizeof(*out->tile.items), &used);
    out->tile.order = take(memory, (TSR_BLOCK_ITEMS_MAX + clusters + 2) * sizeof(*out->tile.order), &used);
    return used;
}

static size_t k_means_scratch_bytes(const void *model) {
    scratch unused;
    return lay_out(model, NULL, &unused);
}

/* ---- fold ---- */

static tsr_status k_means_begin_pass(const tsr_fold *fold) {
    const tsr_k_means *self = fold->model;
    const tsr_k_means_step step = tsr_k_means_step_of(self, fold->pass);
    scratch at;
    lay_out(self, fold->scratch, &at);
    *at.count = 0;
    if (step.what == TSR_STEP_ASSIGN) {
        TSR_TRY(tsr_k_means_centroids(self, fold->settled, step.number, at.point));
        *at.count = self->clusters;
    } else if (step.what == TSR_STEP_WEIGH || (step.what == TSR_STEP_CHOOSE && step.number > 0)) {
        const int rounds = step.what == TSR_STEP_WEIGH ? tsr_k_means_rounds(self) : step.number;
        tsr_k_means_read(self, fold->settled, rounds, at.point, at.which, at.count);
    }
    if (*at.count > 0) tsr_nearest_prepare(*at.count, self->columns->count, at.point, at.origin, at.centred, at.square);
    return TSR_OK;
}

static tsr_status k_means_begin_tile(const tsr_fold *fold) {
    scratch at;
    lay_out(fold->model, fold->scratch, &at);
    tsr_k_means_tile_begin(fold->model, &at.tile);
    return TSR_OK;
}

static tsr_status find_nearest(const tsr_k_means *self, const scratch *at, const tsr_block *block) {
    const tsr_points_near points = {.count = *at->count,
                                    .columns = self->columns->count,
                                    .index = self->columns->index,
                                    .origin = at->origin,
                                    .centred = at->centred,
                                    .square = at->square};
    tsr_nearest_find(&points, block, at->label, at->distance);
    for (int64_t i = 0; i < block->items; i++)
        TSR_REQUIRE(isfinite(at->distance[i]), TSR_ENUMERIC,
                    "k_means: item %lld has a value that is not finite, or too large to be squared; `nonfinite: skip` "
                    "leaves out items that are not finite",
                    (long long)tsr_block_item(block, i));
    return TSR_OK;
}

static tsr_status k_means_add_block(const tsr_fold *fold, const tsr_block *block) {
    const tsr_k_means *self = fold->model;
    const tsr_k_means_step step = tsr_k_means_step_of(self, fold->pass);
    scratch at;
    lay_out(self, fold->scratch, &at);
    if (step.what == TSR_STEP_FETCH) return tsr_k_means_fetch(self, fold, step.number, block);
    if (step.what == TSR_STEP_CHOOSE && step.number == 0) {
        tsr_k_means_choose(self, fold, 0, block, NULL);
        return TSR_OK;
    }
    TSR_TRY(find_nearest(self, &at, block));
    if (step.what == TSR_STEP_CHOOSE) tsr_k_means_choose(self, fold, step.number, block, at.distance);
    if (step.what == TSR_STEP_ASSIGN) tsr_k_means_tile_add(self, &at.tile, block, at.label, at.distance);
    if (step.what != TSR_STEP_WEIGH) return TSR_OK;
    return tsr_k_means_weigh(self, fold->state, at.which, at.label, block->items);
}

static tsr_status k_means_end_tile(const tsr_fold *fold) {
    const tsr_k_means_step step = tsr_k_means_step_of(fold->model, fold->pass);
    scratch at;
    lay_out(fold->model, fold->scratch, &at);
    if (step.what != TSR_STEP_ASSIGN) return TSR_OK;
    return tsr_k_means_tile_end(fold->model, &at.tile, step.number, fold->state);
}

static void k_means_settle(const void *model, tsr_state *state) {
    const tsr_k_means *self = model;
    for (int r = 0; r < tsr_k_means_rounds(self); r++)
        tsr_records_settle(tsr_state_records(state) + (int64_t)r * self->clusters, self->clusters);
    tsr_k_means_settle(self, state);
}

/* The first pass chooses the first candidates, or is the first assignment. */
static void k_means_rewind(const void *model, tsr_state *state) {
    const tsr_k_means *self = model;
    const int64_t records = tsr_state_layout(state).records;
    for (int64_t r = self->clusters; r < records; r++) tsr_state_records(state)[r] = (tsr_record){0};
    const tsr_layout layout = tsr_state_layout(state);
    for (int64_t page = 0; page < tsr_k_means_head(self, 0); page++)
        if (tsr_state_find(state, page) != NULL)
            memset(tsr_state_page(state, page), 0, (size_t)layout.page_words * sizeof(int64_t));
    tsr_k_means_forget(self, state, self->start == TSR_START_GIVEN);
}

/* ---- how far it is ---- */

/* Centroids of a step, [clusters, columns], and how far they would move. */
typedef struct {
    double *centroid;
    double *next;
    double moved; /* the farthest of them */
} motion;

static void motion_clear(motion *old) {
    free(old->centroid);
    free(old->next);
}

static tsr_status motion_init(const tsr_k_means *self, const tsr_state *state, int64_t s, motion *out) {
    const size_t count = (size_t)self->clusters * (size_t)self->columns->count;
    *out = (motion){.centroid = malloc(count * sizeof(double)), .next = malloc(count * sizeof(double))};
    TSR_REQUIRE(out->centroid != NULL && out->next != NULL, TSR_ERUNTIME, "no memory for %d centroids", self->clusters);
    TSR_TRY(tsr_k_means_centroids(self, state, s, out->centroid));
    TSR_TRY(tsr_k_means_centroids(self, state, s + 1, out->next));
    for (int c = 0; c < self->clusters; c++) {
        double square = 0;
        for (int64_t p = (int64_t)c * self->columns->count; p < (int64_t)(c + 1) * self->columns->count; p++) {
            const double apart = out->next[p] - out->centroid[p];
            square = fma(apart, apart, square);
        }
        out->moved = fmax(out->moved, sqrt(square));
    }
    return TSR_OK;
}

/* What cannot be said now, the next pass says again, and can fail. */
static bool k_means_unfinished(const void *model, const tsr_state *state, int passes) {
    const tsr_k_means *self = model;
    const tsr_k_means_step step = tsr_k_means_step_of(self, passes - 1);
    if (self->start != TSR_START_GIVEN && tsr_k_means_record(self, state, 0)->key == 0) return false;
    if (step.what != TSR_STEP_ASSIGN) return true;
    if (step.number >= self->iterations || tsr_k_means_found(self, state, step.number) == NULL) return false;
    motion found;
    const bool known = motion_init(self, state, step.number, &found) == TSR_OK;
    motion_clear(&found);
    return !known || found.moved > self->tolerance;
}

/* ---- solve ---- */

typedef struct {
    double *centroid; /* [columns, clusters] */
    double *size;     /* [clusters] */
    double *number;   /* [clusters]: 0, 1, ... */
    double inertia;
    double iterations;
    double converged;
    double moved;
    double empty;
} solution;

static tsr_status read_solution(const tsr_k_means *self, const tsr_state *state, int64_t s, solution *out) {
    const int64_t *head = tsr_k_means_found(self, state, s);
    motion found;
    const tsr_status status = motion_init(self, state, s, &found);
    const int columns = self->columns->count;
    for (int c = 0; status == TSR_OK && c < self->clusters; c++) {
        for (int j = 0; j < columns; j++)
            out->centroid[(int64_t)j * self->clusters + c] = found.centroid[(int64_t)c * columns + j];
        out->size[c] = (double)head[TSR_ASSIGNED_SIZES + c];
        out->empty += out->size[c] == 0;
    }
    out->inertia = tsr_exact_round((const tsr_exact *)(head + TSR_ASSIGNED_INERTIA));
    out->iterations = (double)s;
    out->moved = found.moved;
    out->converged = found.moved <= self->tolerance;
    motion_clear(&found);
    return status;
}

static tsr_status add_results(const tsr_k_means *self, const solution *solved, tsr_results *results) {
    const tsr_dimension cluster = {
        .name = "cluster", .length = self->clusters, .coordinates = solved->number, .unit = "1"};
    const tsr_result centroid = {.name = "k_means_centroid",
                                 .long_name = "mean of the items of a cluster",
                                 .dimensions = 1,
                                 .dimension = {[1] = cluster},
                                 .value = solved->centroid};
    const tsr_result form[] = {
        {.name = "k_means_size",
         .long_name = "items nearest to a centroid",
         .dimensions = 1,
         .dimension = {cluster},
         .value = solved->size,
         .integer = true,
         .total = true},
        {.name = "k_means_inertia",
         .long_name = "sum over the items of the squared distance from the nearest centroid",
         .value = &solved->inertia,
         .total = true,
         .headline = true},
        {.name = "k_means_iterations",
         .long_name = "how often the centroids were moved",
         .value = &solved->iterations,
         .integer = true,
         .headline = true},
        {.name = "k_means_converged",
         .long_name = "1: no centroid would move farther than the tolerance; 0: the iterations were used up",
         .value = &solved->converged,
         .integer = true,
         .headline = true},
        {.name = "k_means_moved", .long_name = "how far a centroid would move yet, at most", .value = &solved->moved},
        {.name = "k_means_empty",
         .long_name = "clusters without items, whose centroids have stayed where they were",
         .value = &solved->empty,
         .integer = true,
         .headline = true},
    };
    const size_t count = sizeof(form) / sizeof(form[0]) - (solved->empty > 0 ? 0 : 1);
    TSR_TRY(tsr_columns_add(self->columns, 1, centroid, results));
    for (size_t f = 0; f < count; f++) TSR_TRY(tsr_results_add(results, &form[f]));
    return TSR_OK;
}

static tsr_status k_means_solve(const void *model, const tsr_state *state, tsr_results *results) {
    const tsr_k_means *self = model;
    const size_t clusters = (size_t)self->clusters, numbers = clusters * (size_t)self->columns->count;
    double *memory = malloc((numbers + 2 * clusters) * sizeof(*memory));
    TSR_REQUIRE(memory != NULL, TSR_ERUNTIME, "no memory for %d clusters", self->clusters);
    solution solved = {.centroid = memory, .inertia = NAN, .iterations = NAN, .converged = NAN, .moved = NAN};
    solved.size = memory + numbers;
    solved.number = solved.size + clusters;
    for (size_t i = 0; i < numbers + clusters; i++) memory[i] = NAN;
    for (size_t c = 0; c < clusters; c++) solved.number[c] = (double)c;
    int64_t s = self->iterations;
    while (s >= 0 && tsr_k_means_found(self, state, s) == NULL) s--;
    tsr_status status = s < 0 ? TSR_OK : read_solution(self, state, s, &solved);
    if (status == TSR_OK) status = add_results(self, &solved, results);
    free(memory);
    return status;
}

const tsr_tally tsr_tally_k_means = {
    .name = "k_means",
    .summary = "clusters of items by their nearest centroid, and the centroids",
    .reference = "Lloyd, Least squares quantization in PCM, IEEE Trans. Information Theory 28 (1982) 129; start after "
                 "Bahmani et al., Scalable k-means++, PVLDB 5 (2012) 622",
    .params = params,
    .create = k_means_create,
    .destroy = k_means_destroy,
    .layout = k_means_layout,
    .scratch_bytes = k_means_scratch_bytes,
    .begin_pass = k_means_begin_pass,
    .begin_tile = k_means_begin_tile,
    .add_block = k_means_add_block,
    .end_tile = k_means_end_tile,
    .settle = k_means_settle,
    .rewind = k_means_rewind,
    .unfinished = k_means_unfinished,
    .solve = k_means_solve,
};
