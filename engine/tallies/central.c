#include "engine/tallies/central.h"

#include "engine/rational.h"
#include "engine/tallies/sample.h"
#include "engine/tallies/shift.h"

#include <math.h>

static const unsigned BINOMIAL[TSR_POWERS_MAX + 1][TSR_POWERS_MAX + 1] = {
    {1},
    {1, 1},
    {1, 2, 1},
    {1, 3, 3, 1},
    {1, 4, 6, 4, 1},
    {1, 5, 10, 10, 5, 1},
    {1, 6, 15, 20, 15, 6, 1},
    {1, 7, 21, 35, 35, 21, 7, 1},
    {1, 8, 28, 56, 70, 56, 28, 8, 1},
};

/* sum += coefficient * centre^power * term */
static void add_term(tsr_exact *sum, unsigned coefficient, double centre, int power, double term) {
    if (term == 0) return;
    double factor[TSR_EXACT_FACTORS_MAX];
    int count = 0;
    factor[count++] = term;
    if (coefficient != 1) factor[count++] = coefficient;
    for (int p = 0; p < power; p++) factor[count++] = centre;
    tsr_exact_add_product(sum, factor, count);
}

void tsr_central_add(const tsr_central_tile *tile, int powers, tsr_exact *sum) {
    for (int k = 1; k <= powers; k++)
        for (int j = 0; j <= k; j++) {
            const tsr_pair term = j == 0 ? tile->items : tile->sum[j - 1];
            add_term(&sum[k - 1], BINOMIAL[k][j], tile->centre, k - j, term.high);
            add_term(&sum[k - 1], BINOMIAL[k][j], tile->centre, k - j, term.low);
        }
}

/* items * sum(a b) - sum(a) * sum(b): a single sum is in units of 2^-BIAS, a product of two in 2^(-2 BIAS). */
void tsr_central_cross(int64_t items, const tsr_exact *product, const tsr_exact *a, const tsr_exact *b, mpz_t out) {
    mpz_t sum;
    mpz_init(sum);
    tsr_exact_to_integer(a, out);
    tsr_exact_to_integer(b, sum);
    mpz_mul(out, out, sum);
    tsr_exact_to_integer(product, sum);
    mpz_mul_si(sum, sum, items);
    mpz_mul_2exp(sum, sum, TSR_EXACT_BIAS);
    mpz_sub(out, sum, out);
    mpz_clear(sum);
}

double tsr_central_covariance(int64_t items, const mpz_t cross) {
    mpz_t pairs;
    mpz_init_set_si(pairs, items);
    mpz_mul_si(pairs, pairs, items - 1);
    const double covariance = tsr_ratio_round(cross, pairs, -2L * TSR_EXACT_BIAS);
    mpz_clear(pairs);
    return covariance;
}

/* ---- sums about the mean ---- */

/* first [k] and second [k]: sums of w (W (x - mean))^k and w^2 (W (x - mean))^k, integers in units of u^(k+1) and
 * u^(k+2), of which first [1] is 0; mean = raw / W. scale: mean weight and mean square of a weight, to judge by how
 * far powers are from underflow. */
typedef struct {
    const tsr_central_sums *sums;
    tsr_sample sample;
    mpz_t first[TSR_ORDER_MAX + 1];
    mpz_t second[TSR_POWERS_MAX + 1];
    mpz_t raw;
    double first_scale;
    double second_scale;
} centred;

static int first_powers(const tsr_central_sums *sums) { return sums->order < 2 ? 2 : sums->order; }

/* Sums that are not finite leave a number without meaning, that is never told. */
static void read_sums(const tsr_central_sums *sums, centred *out) {
    const int first = first_powers(sums), second = 2 * sums->order;
    tsr_shift_read(sums->weight, sums->items, out->first[0]);
    tsr_shift_read(sums->weight == NULL ? NULL : &sums->weight[1], sums->items, out->second[0]);
    for (int k = 1; k <= first; k++) tsr_shift_read(&sums->first[k - 1], 0, out->first[k]);
    for (int k = 1; k <= second; k++) tsr_shift_read(&sums->second[k - 1], 0, out->second[k]);
    tsr_shift_trim(out->first, (size_t)first + 1, out->second, (size_t)second + 1);
}

static void centred_init(const tsr_central_sums *sums, centred *out) {
    *out = (centred){.sums = sums, .first_scale = 1, .second_scale = 1};
    for (int k = 0; k <= TSR_ORDER_MAX; k++) mpz_init(out->first[k]);
    for (int k = 0; k <= TSR_POWERS_MAX; k++) mpz_init(out->second[k]);
    read_sums(sums, out);
    tsr_sample_init(out->first[0], out->second[0], &out->sample);
    if (sums->weight != NULL) {
        out->first_scale = tsr_exact_round(&sums->weight[0]) / (double)sums->items;
        out->second_scale = tsr_exact_round(&sums->weight[1]) / (double)sums->items;
    }
    mpz_init_set(out->raw, out->first[1]);
}

static void centre(centred *whole) {
    mpz_neg(whole->raw, whole->raw);
    tsr_shift(whole->first, first_powers(whole->sums) + 1, 1, whole->sample.total, whole->raw);
    tsr_shift(whole->second, 2 * whole->sums->order + 1, 1, whole->sample.total, whole->raw);
}

static void centred_clear(centred *old) {
    for (int k = 0; k <= TSR_ORDER_MAX; k++) mpz_clear(old->first[k]);
    for (int k = 0; k <= TSR_POWERS_MAX; k++) mpz_clear(old->second[k]);
    mpz_clear(old->raw);
    tsr_sample_clear(&old->sample);
}

/* ---- statistics ---- */

/* m_2 W^2 / D, which is c_2 / (W D) */
static double variance_of(const centred *whole) {
    mpz_t denominator;
    mpz_init(denominator);
    mpz_mul(denominator, whole->sample.total, whole->sample.freedom);
    const double variance = tsr_ratio_round(whole->first[2], denominator, 0);
    mpz_clear(denominator);
    return variance;
}

/* The root of sum w^2 (x - mean)^2 / D */
static double mean_error(const centred *whole) {
    mpz_t denominator;
    mpz_init(denominator);
    mpz_mul(denominator, whole->sample.total, whole->sample.total);
    mpz_mul(denominator, denominator, whole->sample.freedom);
    const double error = tsr_sample_root(whole->second[2], denominator);
    mpz_clear(denominator);
    return error;
}

static double variance_error(const centred *whole) {
    const tsr_cross cross = {whole->first[2], whole->first[2], whole->first[2], whole->second[2], whole->second[4]};
    return tsr_sample_cross_error(&whole->sample, &cross);
}

/* g1 = m3 / m2^(3/2): the root is taken of one correctly rounded ratio, c_3^2 W / c_2^3. */
static double skewness(const centred *whole) {
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    mpz_mul(numerator, whole->first[3], whole->first[3]);
    mpz_mul(numerator, numerator, whole->sample.total);
    mpz_pow_ui(denominator, whole->first[2], 3);
    const double magnitude = tsr_sample_root(numerator, denominator);
    mpz_clears(numerator, denominator, NULL);
    return mpz_sgn(whole->first[3]) < 0 ? -magnitude : magnitude;
}

/* g2 = m4 / m2^2 - 3 = (c_4 W - 3 c_2^2) / c_2^2 */
static double kurtosis(const centred *whole) {
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    mpz_mul(denominator, whole->first[2], whole->first[2]);
    mpz_mul(numerator, whole->first[4], whole->sample.total);
    mpz_submul_ui(numerator, denominator, 3);
    const double excess = tsr_ratio_round(numerator, denominator, 0);
    mpz_clears(numerator, denominator, NULL);
    return excess;
}

/* ---- errors by influence functions: a polynomial of W (x - mean), whose weighted square is summed ---- */

/* The sum of w^2 (factor[0] + factor[1] z + ... + factor[degree] z^degree)^2 */
static void sum_of_squares(const centred *whole, mpz_t *factor, int degree, mpz_t out) {
    mpz_t product;
    mpz_init(product);
    mpz_set_ui(out, 0);
    for (int i = 0; i <= degree; i++)
        for (int j = 0; j <= degree; j++) {
            mpz_mul(product, factor[i], factor[j]);
            mpz_addmul(out, product, whole->second[i + j]);
        }
    mpz_clear(product);
}

static void factors_init(mpz_t factor[TSR_ORDER_MAX + 1]) {
    for (int k = 0; k <= TSR_ORDER_MAX; k++) mpz_init(factor[k]);
}

static void factors_clear(mpz_t factor[TSR_ORDER_MAX + 1]) {
    for (int k = 0; k <= TSR_ORDER_MAX; k++) mpz_clear(factor[k]);
}

/* 2 m2^(5/2) times the influence on g1: 2 m2 z^3 - 3 m3 z^2 - 6 m2^2 z + m2 m3 */
static double skewness_error(const centred *whole) {
    mpz_t factor[TSR_ORDER_MAX + 1], numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    factors_init(factor);
    mpz_mul(factor[0], whole->first[2], whole->first[3]);
    mpz_mul(factor[1], whole->first[2], whole->first[2]);
    mpz_mul_si(factor[1], factor[1], -6);
    mpz_mul(factor[2], whole->first[3], whole->sample.total);
    mpz_mul_si(factor[2], factor[2], -3);
    mpz_mul(factor[3], whole->first[2], whole->sample.total);
    mpz_mul_ui(factor[3], factor[3], 2);
    sum_of_squares(whole, factor, 3, numerator);
    mpz_pow_ui(denominator, whole->first[2], 5);
    mpz_mul(denominator, denominator, whole->sample.total);
    mpz_mul_ui(denominator, denominator, 4);
    const double error = tsr_sample_root(numerator, denominator);
    factors_clear(factor);
    mpz_clears(numerator, denominator, NULL);
    return error;
}

/* m2^3 times the influence on g2: m2 z^4 - 2 m4 z^2 - 4 m2 m3 z + m2 m4 */
static double kurtosis_error(const centred *whole) {
    mpz_t factor[TSR_ORDER_MAX + 1], numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    factors_init(factor);
    mpz_mul(factor[0], whole->first[2], whole->first[4]);
    mpz_mul(factor[1], whole->first[2], whole->first[3]);
    mpz_mul_si(factor[1], factor[1], -4);
    mpz_mul(factor[2], whole->first[4], whole->sample.total);
    mpz_mul_si(factor[2], factor[2], -2);
    mpz_mul(factor[4], whole->first[2], whole->sample.total);
    sum_of_squares(whole, factor, 4, numerator);
    mpz_pow_ui(denominator, whole->first[2], 6);
    const double error = tsr_sample_root(numerator, denominator);
    factors_clear(factor);
    mpz_clears(numerator, denominator, NULL);
    return error;
}

/* ---- what can be told ---- */

static bool is_first_told(const centred *whole, int k, double variance) {
    return tsr_exact_is_finite(&whole->sums->first[k - 1]) && tsr_sample_is_told(k, variance, whole->first_scale);
}

static bool is_second_told(const centred *whole, int k, double variance) {
    return tsr_exact_is_finite(&whole->sums->second[k - 1]) && tsr_sample_is_told(k, variance, whole->second_scale);
}

/* In units of the sd about the mean: the largest 2k-th power over the sum of all. */
static double dominance(const centred *whole, int k, const tsr_central *found) {
    const tsr_central_sums *sums = whole->sums;
    const double n = (double)sums->items, sd = found->sd * sqrt((n - 1) / n);
    const double farthest = fmax(sums->greatest - found->mean, found->mean - sums->least) / sd;
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    mpz_pow_ui(numerator, whole->sample.total, (unsigned)k);
    mpz_mul(numerator, numerator, whole->second[2 * k]);
    mpz_pow_ui(denominator, whole->first[2], (unsigned)k);
    mpz_mul(denominator, denominator, whole->sample.square);
    double share = 1 / (n * tsr_ratio_round(numerator, denominator, 0));
    for (int i = 0; i < 2 * k; i++) share *= farthest;
    mpz_clears(numerator, denominator, NULL);
    return share;
}

static void solve_dominance(const centred *whole, tsr_central *out) {
    for (int k = 1; k <= whole->sums->order && whole->sums->weight == NULL; k++)
        if (is_second_told(whole, 2 * k, out->variance)) out->dominance[k - 1] = dominance(whole, k, out);
}

static void solve_shape(const centred *whole, double variance, tsr_central *out) {
    const int order = whole->sums->order;
    if (order >= 3 && is_first_told(whole, 3, variance)) {
        out->skewness = skewness(whole);
        if (is_second_told(whole, 6, variance)) out->skewness_error = skewness_error(whole);
    }
    if (order >= 4 && is_first_told(whole, 4, variance)) {
        out->kurtosis = kurtosis(whole);
        if (is_second_told(whole, 8, variance)) out->kurtosis_error = kurtosis_error(whole);
    }
}

static void solve_spread(const centred *whole, tsr_central *out) {
    const double variance = variance_of(whole);
    if (!is_first_told(whole, 2, variance)) return;
    out->variance = variance;
    out->sd = sqrt(variance);
    if (is_second_told(whole, 2, variance)) out->mean_error = mean_error(whole);
    if (whole->sums->order >= 2 && is_second_told(whole, 4, variance)) {
        out->variance_error = variance_error(whole);
        out->sd_error = out->variance_error / (2 * out->sd);
    }
    solve_shape(whole, variance, out);
    solve_dominance(whole, out);
}

static bool has_mean(const tsr_central_sums *sums) {
    if (sums->items < 1 || !tsr_exact_is_finite(&sums->first[0])) return false;
    return sums->weight == NULL || tsr_exact_is_finite(&sums->weight[0]);
}

static bool has_spread(const centred *whole) {
    const tsr_central_sums *sums = whole->sums;
    if (sums->weight != NULL && !tsr_exact_is_finite(&sums->weight[1])) return false;
    return sums->items > 1 && tsr_sample_has_spread(&whole->sample);
}

void tsr_central_solve(const tsr_central_sums *sums, tsr_central *out) {
    *out = (tsr_central){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, {NAN, NAN, NAN, NAN}};
    if (!has_mean(sums)) return;
    centred whole;
    centred_init(sums, &whole);
    out->mean = tsr_ratio_round(whole.raw, whole.sample.total, 0);
    if (sums->items > 1 && sums->least == sums->greatest) {
        out->mean_error = out->variance = out->variance_error = out->sd = out->sd_error = 0;
    } else if (has_spread(&whole)) {
        centre(&whole);
        solve_spread(&whole, out);
    }
    centred_clear(&whole);
}
