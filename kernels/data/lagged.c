#include "kernels/data/lagged.h"

#include "engine/rational.h"
#include "engine/tallies/products.h"

#include <math.h>

double tsr_lagged_centre(const double *value, int64_t items) {
    const double mean = tsr_lanes_centre(value, items);
    double centre = INFINITY;
    for (int64_t i = 0; i < items; i++)
        if (fabs(value[i] - mean) < fabs(centre - mean)) centre = value[i];
    return isfinite(centre) ? centre : 0.0;
}

static int64_t pairs_at(const tsr_stretch *of, int64_t lag) {
    const int64_t pairs = of->there - lag < of->items ? of->there - lag : of->items;
    return pairs > 0 ? pairs : 0;
}

static void add_pair(tsr_pair *sum, const tsr_pair *term, double sign) {
    tsr_pair_add(sum, sign * term->high);
    tsr_pair_add(sum, sign * term->low);
}

/* Four lags at a time; where the series ends they have different numbers of pairs, and are taken one by one. */
static void add_products(const tsr_stretch *of, int64_t lags, tsr_lag_tile *lag) {
    double sum[TSR_PRODUCTS_BATCH];
    const double *later[TSR_PRODUCTS_BATCH];
    for (int64_t first = 0; first <= lags; first += TSR_PRODUCTS_BATCH) {
        const int64_t last = first + TSR_PRODUCTS_BATCH - 1;
        const bool together = last <= lags && pairs_at(of, last) == of->items;
        for (int64_t k = first; k <= last && k <= lags; k++) {
            for (int b = 0; b < TSR_PRODUCTS_BATCH; b++) later[b] = of->deviation + (together ? first + b : k);
            if (k == first || !together) tsr_products_batch(pairs_at(of, k), of->deviation, later, sum);
            tsr_pair_add(&lag[k].product, sum[together ? k - first : 0]);
        }
    }
}

static void add_sums(const tsr_stretch *of, int64_t lags, tsr_lag_tile *lag) {
    for (int64_t k = 0; k <= lags; k++) {
        const int64_t pairs = pairs_at(of, k);
        if (pairs == 0) return;
        lag[k].pairs += pairs;
        add_pair(&lag[k].first, &of->before[pairs], 1.0);
        add_pair(&lag[k].second, &of->before[k + pairs], 1.0);
        add_pair(&lag[k].second, &of->before[k], -1.0);
    }
}

void tsr_lagged_add(const tsr_stretch *stretch, int64_t lags, tsr_lag_tile *lag) {
    add_products(stretch, lags, lag);
    add_sums(stretch, lags, lag);
}

static void add_exact(tsr_exact *sum, const tsr_pair *term, double factor) {
    tsr_exact_add_product(sum, (const double[]){term->high, factor}, 2);
    tsr_exact_add_product(sum, (const double[]){term->low, factor}, 2);
}

/* With x = c + a and y = c + b: the sum of x y is that of a b, c times those of a and b, and c^2 for each pair. */
static void add_lag(const tsr_lag_tile *lag, double centre, tsr_lag_state *state) {
    const double pairs = (double)lag->pairs;
    state->pairs += lag->pairs;
    add_exact(&state->product, &lag->product, 1.0);
    add_exact(&state->product, &lag->first, centre);
    add_exact(&state->product, &lag->second, centre);
    tsr_exact_add_product(&state->product, (const double[]){pairs, centre, centre}, 3);
    add_exact(&state->first, &lag->first, 1.0);
    add_exact(&state->second, &lag->second, 1.0);
    tsr_exact_add_product(&state->first, (const double[]){pairs, centre}, 2);
    tsr_exact_add_product(&state->second, (const double[]){pairs, centre}, 2);
}

void tsr_lagged_end(const tsr_lag_tile *lag, int64_t lags, double centre, tsr_lag_state *state) {
    for (int64_t k = 0; k <= lags && lag[k].pairs > 0; k++) add_lag(&lag[k], centre, &state[k]);
}

/* n^2 times the sum of (x - m)(y - m), m being the mean of all n items, whose sum is `total`; in units of 2^(-2 BIAS).
 */
static void centre_products(const tsr_lag_state *lag, int64_t items, const mpz_t total, mpz_t out) {
    mpz_t sum;
    mpz_init(sum);
    tsr_exact_to_integer(&lag->product, out);
    mpz_mul_2exp(out, out, TSR_EXACT_BIAS);
    mpz_mul_si(out, out, items);
    tsr_exact_to_integer(&lag->first, sum);
    mpz_submul(out, sum, total);
    tsr_exact_to_integer(&lag->second, sum);
    mpz_submul(out, sum, total);
    mpz_mul_si(out, out, items);
    mpz_mul_si(sum, total, lag->pairs);
    mpz_addmul(out, sum, total);
    mpz_clear(sum);
}

static bool is_finite(const tsr_lag_state *lag) {
    return tsr_exact_is_finite(&lag->product) && tsr_exact_is_finite(&lag->first) && tsr_exact_is_finite(&lag->second);
}

void tsr_lagged_solve(const tsr_lag_state *lag, int64_t lags, double *correlation) {
    const int64_t items = lag[0].pairs;
    mpz_t total, whole, product;
    mpz_inits(total, whole, product, NULL);
    tsr_exact_to_integer(&lag[0].first, total);
    centre_products(&lag[0], items, total, whole);
    for (int64_t k = 0; k <= lags; k++) {
        correlation[k] = NAN;
        if (lag[k].pairs == 0 || !is_finite(&lag[0]) || !is_finite(&lag[k]) || mpz_sgn(whole) <= 0) continue;
        centre_products(&lag[k], items, total, product);
        correlation[k] = tsr_ratio_round(product, whole, 0);
    }
    mpz_clears(total, whole, product, NULL);
}
