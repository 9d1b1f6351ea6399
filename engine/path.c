#include "engine/path.h"

#include "engine/vmath.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Items that are built together: their normals stay in the cache. */
enum { LANES = TSR_PATH_LANES };

/* A part of a path, begin .. end in steps, that is divided in the middle. Its sum of increments is kept at `begin`, and
 * becomes that of the left half; the one of the right half is put at `middle`. */
typedef struct {
    int64_t begin;
    int64_t middle;
    int64_t end;
    double share;     /* of the left half in the sum */
    double deviation; /* of the left half's sum, given the whole */
} division;

struct tsr_path {
    tsr_path_order order;
    int64_t steps;
    division *division; /* bridge: [steps - 1] */
    double *cosine;     /* pca: of whole turns / period, [period] */
    int64_t period;
};

static division divide(int64_t begin, int64_t end) {
    const int64_t middle = begin + (end - begin) / 2;
    const double left = (double)(middle - begin), right = (double)(end - middle), whole = left + right;
    return (division){begin, middle, end, left / whole, sqrt(left * right / whole)};
}

/* Breadth first: the list of parts is the queue of those still to be looked at. */
static void plan_bridge(int64_t steps, division *out) {
    int64_t planned = 0;
    if (steps > 1) out[planned++] = divide(0, steps);
    for (int64_t i = 0; i < planned; i++) {
        if (out[i].middle - out[i].begin > 1) out[planned++] = divide(out[i].begin, out[i].middle);
        if (out[i].end - out[i].middle > 1) out[planned++] = divide(out[i].middle, out[i].end);
    }
}

static void tabulate_cosines(int64_t period, double *out) {
    for (int64_t i = 0; i < period; i++) {
        double sine;
        tsr_sincos_turns((double)i / (double)period, &sine, &out[i]);
    }
}

tsr_status tsr_path_create(tsr_path_order order, int64_t steps, tsr_path **out) {
    TSR_ASSERT(steps >= 1);
    tsr_path *path = calloc(1, sizeof(*path));
    *out = path;
    if (path != NULL) {
        *path = (tsr_path){.order = order, .steps = steps, .period = 4 * (2 * steps + 1)};
        if (order == TSR_PATH_BRIDGE) path->division = calloc((size_t)steps, sizeof(*path->division));
        if (order == TSR_PATH_PCA) path->cosine = calloc((size_t)path->period, sizeof(*path->cosine));
    }
    if (path == NULL || (path->division == NULL && path->cosine == NULL)) {
        tsr_path_destroy(out);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the construction of paths of %lld steps", (long long)steps);
    }
    if (order == TSR_PATH_BRIDGE) plan_bridge(steps, path->division);
    if (order == TSR_PATH_PCA) tabulate_cosines(path->period, path->cosine);
    return TSR_OK;
}

void tsr_path_destroy(tsr_path **path) {
    if (*path == NULL) return;
    free((*path)->division);
    free((*path)->cosine);
    free(*path);
    *path = NULL;
}

/* The sum of all increments has the deviation sqrt(steps). Given the sum of a part, that of its left half is normal. */
static void build_bridge(const tsr_path *path, int64_t stride, const double (*restrict normal)[LANES],
                         double *restrict out) {
    const double deviation = sqrt((double)path->steps);
    for (int i = 0; i < LANES; i++) out[i] = deviation * normal[0][i];
    for (int64_t k = 1; k < path->steps; k++) {
        const division part = path->division[k - 1];
        double *begin = out + part.begin * stride, *middle = out + part.middle * stride;
        for (int i = 0; i < LANES; i++) {
            const double whole = begin[i], left = fma(part.share, whole, part.deviation * normal[k][i]);
            begin[i] = left;
            middle[i] = whole - left;
        }
    }
}

/* The covariance min(s, t) of the path at times s, t = 1 .. n has the eigenvectors sin(a_k t), a_k = (2 k - 1) pi / (2
 * n
 * + 1), of eigenvalues 1 / (2 sin(a_k / 2))^2. Differences of these sines over a step, times the root of the eigenvalue
 * and normalised, are
 *     2 / sqrt(2 n + 1) cos((2 k - 1)(2 t - 1) pi / (2 (2 n + 1))),  k, t = 1 .. n. */
static void build_components(const tsr_path *path, int64_t stride, const double (*restrict normal)[LANES],
                             double *restrict out) {
    const double scale = 2.0 / sqrt((double)(2 * path->steps + 1));
    for (int64_t t = 0; t < path->steps; t++) {
        double sum[LANES] = {0.0};
        int64_t turn = 2 * t + 1;
        for (int64_t k = 0; k < path->steps; k++) {
            const double cosine = path->cosine[turn];
            for (int i = 0; i < LANES; i++) sum[i] = fma(cosine, normal[k][i], sum[i]);
            turn += 2 * (2 * t + 1);
            if (turn >= path->period) turn -= path->period;
        }
        for (int i = 0; i < LANES; i++) out[t * stride + i] = scale * sum[i];
    }
}

/* Whole runs of LANES items; what lies behind the last item is built in vain. */
void tsr_path_build(const tsr_path *path, int64_t items, int64_t stride, double *normals, double *scratch) {
    double(*normal)[LANES] = (double(*)[LANES])scratch;
    for (int64_t first = 0; first < items; first += LANES) {
        for (int64_t k = 0; k < path->steps; k++) memcpy(normal[k], normals + k * stride + first, sizeof(normal[k]));
        if (path->order == TSR_PATH_BRIDGE)
            build_bridge(path, stride, (const double(*)[LANES])normal, normals + first);
        else
            build_components(path, stride, (const double(*)[LANES])normal, normals + first);
    }
}
