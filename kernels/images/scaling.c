#include "kernels/images/scaling.h"

#include <stdlib.h>

void tsr_scaling_clear(tsr_scaling *scaling) {
    free(scaling->first);
    free(scaling->count);
    free(scaling->weight);
    *scaling = (tsr_scaling){0};
}

static int64_t common_factor(int64_t a, int64_t b) { return b == 0 ? a : common_factor(b, a % b); }

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/* The first pixel of new pixel i, and the weights of those from it on. */
static void add_run(tsr_scaling *scaling, int64_t i, int64_t first, int64_t count, const int64_t *weight) {
    scaling->first[i] = first;
    scaling->count[i] = count;
    for (int64_t k = 0; k < count; k++) scaling->weight[i * scaling->most + k] = (double)weight[k];
}

/* In units in which pixels have length `to`, new ones have length `from`. */
static void cover(int64_t from, int64_t to, tsr_scaling *scaling) {
    scaling->sum = (double)from;
    for (int64_t i = 0; i < scaling->length; i++) {
        const int64_t begin = i * from, end = begin + from;
        scaling->first[i] = begin / to;
        scaling->count[i] = (end - 1) / to - begin / to + 1;
        for (int64_t k = 0; k < scaling->count[i]; k++) {
            const int64_t at = (scaling->first[i] + k) * to;
            const int64_t covered = least(end, at + to) - (begin > at ? begin : at);
            scaling->weight[i * scaling->most + k] = (double)covered;
        }
    }
}

/* Centres are half a pixel from the beginning of theirs; in units of 1 / (2 to) of a pixel. */
static void interpolate(int64_t from, int64_t to, tsr_scaling *scaling) {
    const int64_t unit = 2 * to;
    scaling->sum = (double)unit;
    for (int64_t i = 0; i < to; i++) {
        const int64_t at = (2 * i + 1) * from - to, pixel = at < 0 ? 0 : at / unit, beyond = at - pixel * unit;
        if (beyond <= 0 || pixel + 1 == from)
            add_run(scaling, i, pixel, 1, &unit);
        else
            add_run(scaling, i, pixel, 2, (const int64_t[]){unit - beyond, beyond});
    }
}

static void pick(int64_t from, int64_t to, tsr_scaling *scaling) {
    const int64_t one = 1;
    scaling->sum = 1.0;
    for (int64_t i = 0; i < to; i++) add_run(scaling, i, (2 * i + 1) * from / (2 * to), 1, &one);
}

tsr_status tsr_scaling_create(tsr_scaling_method method, int64_t from, int64_t to, tsr_scaling *out) {
    const int64_t factor = common_factor(from, to);
    *out = (tsr_scaling){.length = to, .most = method == TSR_SCALING_AREA ? from / to + 2 : 2};
    out->first = calloc((size_t)to, sizeof(*out->first));
    out->count = calloc((size_t)to, sizeof(*out->count));
    out->weight = calloc((size_t)(to * out->most), sizeof(*out->weight));
    TSR_REQUIRE(out->first != NULL && out->count != NULL && out->weight != NULL, TSR_ERUNTIME,
                "no memory to resize rows of %lld pixels to %lld", (long long)from, (long long)to);
    switch (method) {
    case TSR_SCALING_AREA: cover(from / factor, to / factor, out); break;
    case TSR_SCALING_BILINEAR: interpolate(from, to, out); break;
    case TSR_SCALING_NEAREST: pick(from, to, out); break;
    }
    return TSR_OK;
}
