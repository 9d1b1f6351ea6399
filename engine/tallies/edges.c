#include "engine/tallies/edges.h"

#include "engine/state.h"
#include "engine/tallies/sketch.h"
#include "engine/vmath.h"

#include <stdbool.h>
#include <stdlib.h>

enum { CHUNK = 256, CELLS_MIN = 64, CELLS_MAX = 65536, CELLS_PER_BIN = 4 };

/* The last bin whose left edge is at most x. */
static int64_t bin_below(const tsr_edges *edges, double x) {
    int64_t low = 0, high = edges->count;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (x >= edges->edge[middle])
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Cells are equal steps of the key, some of which never occur at the far end. */
static void make_cells(tsr_edges *edges) {
    edges->first_key = tsr_key_from_double(edges->edge[0]);
    edges->span = tsr_key_from_double(edges->edge[edges->count]) - edges->first_key;
    while (edges->span >> edges->shift >= (uint64_t)edges->cells) edges->shift++;
    for (int32_t c = 0; c < edges->cells; c++) {
        const uint64_t offset = (uint64_t)c << edges->shift;
        const bool occurs = offset <= edges->span;
        edges->first_bin[c] =
            occurs ? bin_below(edges, tsr_key_to_double(edges->first_key + offset)) : edges->count - 1;
        const int64_t met = c > 0 ? edges->first_bin[c] - edges->first_bin[c - 1] : 0;
        edges->most = met > edges->most ? (int32_t)met : edges->most;
    }
    const int64_t met = edges->count - 1 - edges->first_bin[edges->cells - 1];
    edges->most = met > edges->most ? (int32_t)met : edges->most;
}

tsr_status tsr_edges_create(const double *edge, int32_t count, tsr_edges **out) {
    tsr_edges *edges = calloc(1, sizeof(*edges));
    if (edges == NULL) goto no_memory;
    edges->count = count;
    edges->cells = CELLS_MIN;
    while (edges->cells < CELLS_MAX && edges->cells / CELLS_PER_BIN < count) edges->cells *= 2;
    edges->edge = malloc(((size_t)count + 1) * sizeof(*edge));
    edges->first_bin = calloc((size_t)edges->cells, sizeof(*edges->first_bin));
    if (edges->edge == NULL || edges->first_bin == NULL) goto no_memory;
    memcpy(edges->edge, edge, ((size_t)count + 1) * sizeof(*edge));
    make_cells(edges);
    *out = edges;
    return TSR_OK;
no_memory:
    tsr_edges_destroy(&edges);
    return TSR_FAIL(TSR_ERUNTIME, "no memory for %d bins", (int)count);
}

void tsr_edges_destroy(tsr_edges **edges) {
    if (*edges == NULL) return;
    free((*edges)->edge);
    free((*edges)->first_bin);
    free(*edges);
    *edges = NULL;
}

static void look_up(const tsr_edges *edges, const double *values, int64_t items, int64_t *low) {
    const uint64_t first = edges->first_key, span = edges->span;
    uint64_t keys[CHUNK];
    tsr_keys_from_doubles(values, items, keys);
    for (int64_t i = 0; i < items; i++) {
        uint64_t offset = keys[i] > first ? keys[i] - first : 0;
        offset = offset < span ? offset : span;
        low[i] = edges->first_bin[offset >> edges->shift];
    }
}

/* The bin lies in [low, low + most]. Without branches, all values take the same steps. */
static void halve(const tsr_edges *edges, const double *values, int64_t items, int64_t *low) {
    const double *edge = edges->edge;
    const int64_t last = edges->count - 1;
    for (int64_t most = edges->most; most > 0; most /= 2) {
        const int64_t half = (most + 1) / 2;
        for (int64_t i = 0; i < items; i++) {
            int64_t probe = low[i] + half;
            probe = probe < last ? probe : last;
            low[i] = values[i] >= edge[probe] ? probe : low[i];
        }
    }
}

void tsr_edges_find(const tsr_edges *edges, const double *values, int64_t items, int32_t *bins) {
    for (int64_t begin = 0; begin < items; begin += CHUNK) {
        const int64_t size = items - begin < CHUNK ? items - begin : CHUNK;
        int64_t low[CHUNK];
        look_up(edges, values + begin, size, low);
        halve(edges, values + begin, size, low);
        for (int64_t i = 0; i < size; i++) bins[begin + i] = (int32_t)low[i];
    }
}

/* To 15 significant digits: the decimal is formed as an integer below 2^53 times a power of ten. Powers above 10^22
 * are not exact, which costs an ulp. */
static double round_to_15_digits(double value) {
    double ten = 1.0, scaled = value;
    int64_t power = 0;
    for (; scaled < 1e14; power++) scaled = value * (ten *= 10.0);
    for (; scaled >= 1e15; power--) scaled = value / (ten *= 10.0);
    return power >= 0 ? floor(scaled + 0.5) / ten : floor(scaled + 0.5) * ten;
}

/* log(ratio) as a sum of two doubles, the second from what the exponential of the first leaves over: 2e-16 in all. */
static void log_of_ratio(double begin, double end, double *high, double *low) {
    const double ratio = end / begin, left = fma(-ratio, begin, end) / end;
    *high = tsr_log(ratio);
    const double back = tsr_exp(*high);
    *low = (ratio - back) / back + left;
}

void tsr_edges_space(double begin, double end, int32_t count, double *edge) {
    double high, low;
    log_of_ratio(begin, end, &high, &low);
    for (int32_t i = 1; i < count; i++) {
        const double product = high * i, rest = fma(high, i, -product);
        const double share = product / count, left = fma(-share, count, product);
        const double small = (left + rest + low * i) / count, power = tsr_exp(share);
        edge[i] = round_to_15_digits(begin * fma(power, small, power));
    }
    edge[0] = begin;
    edge[count] = end;
}
