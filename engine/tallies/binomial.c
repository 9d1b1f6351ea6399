#include "engine/tallies/binomial.h"

#include "engine/normal.h"
#include "engine/vmath.h"

#include <math.h>

enum { MANY = 10000, TERMS_MAX = 1000000 };

/* log Gamma(x) - (x - 1/2) log x + x: Stirling's series, after Gamma(x) = Gamma(x + 1) / x has brought x above 16. */
static double stirling(double x) {
    double shifted = 0.0;
    while (x < 16.0) {
        shifted += (x + 0.5) * tsr_log1p(1.0 / x) - 1.0;
        x += 1.0;
    }
    const double square = 1.0 / (x * x);
    const double series = 1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0));
    return 0.918938533204672742 + series / x + shifted;
}

static double log_near_one(double ratio, double less_one) {
    return fabs(less_one) < 0.5 ? tsr_log1p(less_one) : tsr_log(ratio);
}

/* log(x^a (1 - x)^b / B(a, b)), in a form that stays precise where a is small beside b, or b beside a. */
static double log_front(double a, double b, double x) {
    const double sum = a + b, off = x * sum - a; /* from the mean, where both logarithms nearly cancel */
    const double logs = a * log_near_one(x * sum / a, off / a) + b * log_near_one((1.0 - x) * sum / b, -off / b);
    return logs + 0.5 * tsr_log(a) + 0.5 * tsr_log(b) - 0.5 * tsr_log(sum) + stirling(sum) - stirling(a) - stirling(b);
}

/* Regularised incomplete beta function I_x(a, b) for x up to 1/2: Abramowitz and Stegun 26.5.4, all terms positive. */
static double beta_series(double a, double b, double x) {
    double sum = 1.0, term = 1.0;
    for (int n = 0; n < TERMS_MAX && term > 1e-17 * sum; n++) {
        term *= (a + b + n) / (a + 1.0 + n) * x;
        sum += term;
    }
    return tsr_exp(fmax(-700.0, log_front(a, b, x))) / a * sum;
}

/* Increasing in x. */
static double beta_below(double a, double b, double x) {
    return x <= 0.5 ? beta_series(a, b, x) : 1.0 - beta_series(b, a, 1.0 - x);
}

/* The x in (0, 1) with I_x(a, b) = share: bisects the bits of the double, so that a tiny x is as precise as others. */
static double beta_quantile(double a, double b, double share) {
    uint64_t low = tsr_bits_from_double(0x1p-1000), high = tsr_bits_from_double(1.0);
    while (high - low > 16) {
        const uint64_t middle = low + (high - low) / 2;
        if (beta_below(a, b, tsr_double_from_bits(middle)) < share)
            low = middle;
        else
            high = middle;
    }
    return tsr_double_from_bits(low);
}

static void score_bounds(double hits, double trials, double miss, double *low, double *high) {
    const double z = tsr_normal_quantile(1.0 - miss), rest = z * z;
    const double centre = (hits + rest / 2.0) / (trials + rest);
    const double half = z / (trials + rest) * sqrt(hits * (trials - hits) / trials + rest / 4.0);
    *low = centre - half;
    *high = centre + half;
}

void tsr_binomial_bounds(double hits, double trials, double miss, double *low, double *high) {
    const double failures = trials - hits;
    if (hits > MANY && failures > MANY) {
        score_bounds(hits, trials, miss, low, high);
        return;
    }
    *low = hits > 0.0 ? beta_quantile(hits, failures + 1.0, miss) : 0.0;
    *high = failures > 0.0 ? beta_quantile(hits + 1.0, failures, 1.0 - miss) : 1.0;
}
