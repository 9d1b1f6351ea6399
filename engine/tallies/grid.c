#include "engine/tallies/grid.h"

#include "engine/block.h"

#include <math.h>
#include <string.h>

enum { PLACES = 1 + TSR_BINS_OUTSIDE }; /* on an axis: within, below, above, not a number */

static const char *const edge_row[TSR_GRID_AXES] = {"edges_x", "edges_y"};

/* What a job says of the axes that have no edges. */
typedef struct {
    int axes;
    int32_t bins[TSR_GRID_AXES];
    const double *range; /* [axes, 2] */
    bool geometric[TSR_GRID_AXES];
} plain;

static tsr_status read_bins(const tsr_params *params, plain *out) {
    int64_t given;
    const double *bins = tsr_params_reals(params, "bins", &given);
    if (given != 1 && given != out->axes)
        return tsr_params_fail(params, "bins", "%lld numbers are given for %d ax%cs without edges", (long long)given,
                               out->axes, out->axes == 1 ? 'i' : 'e');
    for (int a = 0; a < out->axes; a++) {
        const double count = bins[given == 1 ? 0 : a];
        if (count != floor(count)) return tsr_params_fail(params, "bins", "%g is not a whole number", count);
        out->bins[a] = (int32_t)count;
    }
    return TSR_OK;
}

static tsr_status read_scale(const tsr_params *params, plain *out) {
    int64_t given;
    const char *const *scale = tsr_params_texts(params, "scale", &given);
    if (given != 1 && given != out->axes)
        return tsr_params_fail(params, "scale", "%lld words are given for %d ax%cs without edges", (long long)given,
                               out->axes, out->axes == 1 ? 'i' : 'e');
    for (int a = 0; a < out->axes; a++) {
        const char *word = scale[given == 1 ? 0 : a];
        out->geometric[a] = strcmp(word, "log") == 0;
        if (!out->geometric[a] && strcmp(word, "linear") != 0)
            return tsr_params_fail(params, "scale", "'%.80s' is neither linear nor log", word);
    }
    return TSR_OK;
}

static tsr_status read_range(const tsr_params *params, plain *out) {
    int64_t given;
    out->range = tsr_params_reals(params, "range", &given);
    if (given == 2 * out->axes) return TSR_OK;
    if (out->axes == 1)
        return tsr_params_fail(params, "range", "the axis without edges needs its [first edge, last edge] here");
    return tsr_params_fail(params, "range",
                           "four numbers must stand here, [[first, last], [first, last]]: the edges of both axes; "
                           "only the tally histogram finds a range by itself");
}

static tsr_status refuse_leftovers(const tsr_params *params) {
    static const char *const others[] = {"bins", "range", "scale"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (!tsr_params_is_default(params, others[i]))
            return tsr_params_fail(params, others[i], "the edges of both axes are given already; leave %s out",
                                   others[i]);
    return TSR_OK;
}

static tsr_status read_plain(const tsr_params *params, plain *out) {
    if (out->axes == 0) return refuse_leftovers(params);
    TSR_TRY(read_bins(params, out));
    TSR_TRY(read_scale(params, out));
    return read_range(params, out);
}

tsr_status tsr_grid_read(const tsr_params *params, tsr_grid *out) {
    int64_t edges[TSR_GRID_AXES];
    const double *edge[TSR_GRID_AXES];
    plain rest = {0};
    for (int a = 0; a < TSR_GRID_AXES; a++) {
        edge[a] = tsr_params_reals(params, edge_row[a], &edges[a]);
        rest.axes += edges[a] == 0;
    }
    TSR_TRY(read_plain(params, &rest));
    for (int a = 0, next = 0; a < TSR_GRID_AXES; a++) {
        if (edges[a] > 0) {
            TSR_TRY(tsr_axis_of_edges(params, edge_row[a], edge[a], edges[a], &out->axis[a]));
            continue;
        }
        const double *range = rest.range + (ptrdiff_t)2 * next;
        TSR_TRY(tsr_axis_of_range(params, range, rest.bins[next], rest.geometric[next], &out->axis[a]));
        next++;
    }
    out->cells = (int64_t)out->axis[0].bins.count * out->axis[1].bins.count;
    if (out->cells <= TSR_GRID_CELLS_MAX) return TSR_OK;
    return tsr_params_fail(params, "bins", "%d x %d bins are %lld cells; at most %d are allowed",
                           (int)out->axis[0].bins.count, (int)out->axis[1].bins.count, (long long)out->cells,
                           TSR_GRID_CELLS_MAX);
}

void tsr_grid_clear(tsr_grid *grid) {
    for (int a = 0; a < TSR_GRID_AXES; a++) tsr_axis_clear(&grid->axis[a]);
}

void tsr_grid_find(const tsr_grid *grid, const double *x, const double *y, int64_t items, int32_t *slots) {
    const int32_t rows = grid->axis[0].bins.count, columns = grid->axis[1].bins.count;
    const int32_t behind = (int32_t)grid->cells - 1; /* place 0 is within both */
    int32_t column[TSR_BLOCK_ITEMS_MAX];
    tsr_bins_find(&grid->axis[0].bins, x, items, slots);
    tsr_bins_find(&grid->axis[1].bins, y, items, column);
    for (int64_t i = 0; i < items; i++) {
        const int32_t beside = slots[i] < rows ? 0 : slots[i] - rows + 1;
        const int32_t above = column[i] < columns ? 0 : column[i] - columns + 1;
        const int32_t place = PLACES * beside + above;
        slots[i] = place == 0 ? slots[i] * columns + column[i] : behind + place;
    }
}

int tsr_grid_place(int outside, int axis) {
    const int place = outside + 1;
    return (axis == 0 ? place / PLACES : place % PLACES) - 1;
}
