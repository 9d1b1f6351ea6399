#include "engine/tallies/central.h"

#include "engine/rational.h"

#include <float.h>
#include <math.h>

/* Powers of differences lose digits to underflow where sd^k comes near the smallest double, 2^-1074, and their raw
 * sums where it comes near the lowest bit of an accumulator. Below 2^-1000 a moment is not told. */
static const double VARIANCE_MIN[TSR_POWERS_MAX + 1] = {0, 0, TSR_VARIANCE_MIN, 0x1p-666, 0x1p-500};

static const unsigned BINOMIAL[TSR_POWERS_MAX + 1][TSR_POWERS_MAX + 1] = {
    {1}, {1, 1}, {1, 2, 1}, {1, 3, 3, 1}, {1, 4, 6, 4, 1}};

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

void tsr_central_add(const tsr_central_tile *tile, int order, tsr_exact *power) {
    for (int k = 1; k <= order; k++) {
        add_term(&power[k - 1], 1, tile->centre, k, (double)tile->items);
        for (int j = 1; j <= k; j++) {
            add_term(&power[k - 1], BINOMIAL[k][j], tile->centre, k - j, tile->sum[j - 1].high);
            add_term(&power[k - 1], BINOMIAL[k][j], tile->centre, k - j, tile->sum[j - 1].low);
        }
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

/* items^k times the k-th central moment in units of 2^(-k BIAS): with n = items 2^BIAS,
 * (-S_1)^k + sum over j = 1 .. k of binomial(k, j) n^(j-1) S_j (-S_1)^(k-j). */
static void central_moment(int k, int64_t items, const tsr_exact *power, mpz_t out) {
    mpz_t n, negated, sum, term;
    mpz_inits(n, negated, sum, term, NULL);
    mpz_set_si(n, items);
    mpz_mul_2exp(n, n, TSR_EXACT_BIAS);
    tsr_exact_to_integer(&power[0], negated);
    mpz_neg(negated, negated);
    mpz_pow_ui(out, negated, (unsigned)k);
    for (int j = 1; j <= k; j++) {
        tsr_exact_to_integer(&power[j - 1], sum);
        mpz_pow_ui(term, negated, (unsigned)(k - j));
        mpz_mul(sum, sum, term);
        mpz_pow_ui(term, n, (unsigned)(j - 1));
        mpz_mul(sum, sum, term);
        mpz_addmul_ui(out, sum, BINOMIAL[k][j]);
    }
    mpz_clears(n, negated, sum, term, NULL);
}

/* g1 = m3 / m2^(3/2): items and units cancel. The root is taken of one correctly rounded ratio. */
static double skewness(const mpz_t second, const mpz_t third) {
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    mpz_mul(numerator, third, third);
    mpz_pow_ui(denominator, second, 3);
    const double magnitude = sqrt(tsr_ratio_round(numerator, denominator, 0));
    mpz_clears(numerator, denominator, NULL);
    return mpz_sgn(third) < 0 ? -magnitude : magnitude;
}

/* g2 = m4 / m2^2 - 3 */
static double kurtosis(const mpz_t second, const mpz_t fourth) {
    mpz_t numerator, denominator;
    mpz_init_set(numerator, fourth);
    mpz_init(denominator);
    mpz_mul(denominator, second, second);
    mpz_submul_ui(numerator, denominator, 3);
    const double excess = tsr_ratio_round(numerator, denominator, 0);
    mpz_clears(numerator, denominator, NULL);
    return excess;
}

/* sqrt((m4 - (n - 3) / (n - 1) variance^2) / n), the radicand over the common denominator n^5 (n - 1)^3. */
static double variance_error(int64_t items, const mpz_t second, const mpz_t fourth) {
    mpz_t numerator, denominator, factor;
    mpz_inits(numerator, denominator, factor, NULL);
    mpz_set_si(factor, items - 1);
    mpz_pow_ui(denominator, factor, 3);
    mpz_mul(numerator, fourth, denominator);
    mpz_mul(factor, second, second);
    mpz_mul_si(factor, factor, items);
    mpz_mul_si(factor, factor, items);
    mpz_mul_si(factor, factor, items - 3);
    mpz_sub(numerator, numerator, factor);
    mpz_set_si(factor, items);
    mpz_pow_ui(factor, factor, 5);
    mpz_mul(denominator, denominator, factor);
    /* A sum of fourth powers rounded per block may be a grain less than its lower bound. */
    if (mpz_sgn(numerator) < 0) mpz_set_ui(numerator, 0);
    const double error = sqrt(tsr_ratio_round(numerator, denominator, -4L * TSR_EXACT_BIAS));
    mpz_clears(numerator, denominator, factor, NULL);
    return error;
}

static bool is_told(int k, double variance, const tsr_exact *power) {
    return variance >= VARIANCE_MIN[k] && variance <= DBL_MAX && tsr_exact_is_finite(&power[k - 1]);
}

static void solve_spread(int64_t items, const tsr_exact *power, int order, tsr_central *out) {
    mpz_t second, higher;
    mpz_inits(second, higher, NULL);
    tsr_central_cross(items, &power[1], &power[0], &power[0], second);
    const double variance = tsr_central_covariance(items, second);
    if (is_told(2, variance, power)) {
        out->variance = variance;
        out->sd = sqrt(variance);
        out->mean_error = sqrt(variance / (double)items);
    }
    if (order >= 3 && is_told(3, variance, power)) {
        central_moment(3, items, power, higher);
        out->skewness = skewness(second, higher);
    }
    if (order >= 4 && is_told(4, variance, power)) {
        central_moment(4, items, power, higher);
        out->kurtosis = kurtosis(second, higher);
        out->variance_error = variance_error(items, second, higher);
        out->sd_error = out->variance_error / (2 * out->sd);
    }
    mpz_clears(second, higher, NULL);
}

static double solve_mean(int64_t items, const tsr_exact *sum) {
    mpz_t numerator, denominator;
    mpz_init(numerator);
    mpz_init_set_si(denominator, items);
    tsr_exact_to_integer(sum, numerator);
    const double mean = tsr_ratio_round(numerator, denominator, -(long)TSR_EXACT_BIAS);
    mpz_clears(numerator, denominator, NULL);
    return mean;
}

void tsr_central_solve(int64_t items, const tsr_exact *power, int order, bool constant, tsr_central *out) {
    *out = (tsr_central){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (items < 1 || !tsr_exact_is_finite(&power[0])) return;
    out->mean = solve_mean(items, &power[0]);
    if (items < 2) return;
    if (constant) {
        out->mean_error = out->variance = out->variance_error = out->sd = out->sd_error = 0;
    } else if (tsr_exact_is_finite(&power[1])) {
        solve_spread(items, power, order, out);
    }
}
