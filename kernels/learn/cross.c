#include "kernels/learn/cross.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* Three factors between these, and all rounding errors on the way, are normal numbers or multiples of 2^-1056. */
static const double LEAST = 0x1p-300, MOST = 0x1p300;

static bool is_plain(const double *value, int64_t items) {
    int odd = 0;
    for (int64_t i = 0; value != NULL && i < items; i++) {
        const double size = fabs(value[i]);
        odd |= !(size <= MOST) || (size < LEAST && size != 0);
    }
    return !odd;
}

static void add_product(double a, double b, tsr_exact *sum) {
    const double product = a * b, rest = fma(a, b, -product);
    tsr_exact_add(sum, product);
    if (rest != 0) tsr_exact_add(sum, rest);
}

static void add_plain(const double *a, const double *b, int64_t items, tsr_exact *sum) {
    for (int64_t i = 0; i < items; i++) add_product(a[i], b[i], sum);
}

static void add_weighted(const double *weight, const double *a, const double *b, int64_t items, tsr_exact *sum) {
    for (int64_t i = 0; i < items; i++) {
        const double product = weight[i] * a[i], rest = fma(weight[i], a[i], -product);
        add_product(product, b[i], sum);
        if (rest != 0) add_product(rest, b[i], sum);
    }
}

static void add_any(const double *const factor[3], int64_t items, tsr_exact *sum) {
    for (int64_t i = 0; i < items; i++) {
        double value[3];
        int count = 0;
        for (int f = 0; f < 3; f++)
            if (factor[f] != NULL) value[count++] = factor[f][i];
        if (factor[0] == NULL || factor[0][i] != 0) tsr_exact_add_product(sum, value, count);
    }
}

void tsr_cross_add(const double *weight, const double *a, const double *b, int64_t items, tsr_exact *sum) {
    const double *const factor[3] = {weight, a, b};
    const double *given[3];
    int count = 0;
    for (int f = 0; f < 3; f++)
        if (factor[f] != NULL) given[count++] = factor[f];
    if (count == 0) {
        tsr_exact_add(sum, (double)items);
    } else if (!is_plain(weight, items) || !is_plain(a, items) || !is_plain(b, items)) {
        add_any(factor, items, sum);
    } else if (count == 1) {
        for (int64_t i = 0; i < items; i++) tsr_exact_add(sum, given[0][i]);
    } else if (count == 2) {
        add_plain(given[0], given[1], items, sum);
    } else {
        add_weighted(weight, a, b, items, sum);
    }
}
