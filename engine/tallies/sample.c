#include "engine/tallies/sample.h"

#include "engine/rational.h"

#include <float.h>
#include <math.h>

enum { SPREAD_BITS = 20, EXPONENT_MIN = -1000 };

void tsr_sample_init(const mpz_t total, const mpz_t square, tsr_sample *out) {
    mpz_init_set(out->total, total);
    mpz_init_set(out->square, square);
    mpz_init(out->freedom);
    mpz_mul(out->freedom, total, total);
    mpz_sub(out->freedom, out->freedom, square);
}

void tsr_sample_clear(tsr_sample *sample) { mpz_clears(sample->total, sample->square, sample->freedom, NULL); }

bool tsr_sample_has_spread(const tsr_sample *sample) {
    mpz_t scaled;
    mpz_init(scaled);
    mpz_mul_2exp(scaled, sample->freedom, SPREAD_BITS);
    const bool has_spread = mpz_cmp(scaled, sample->square) > 0;
    mpz_clear(scaled);
    return has_spread;
}

bool tsr_sample_is_told(int power, double variance, double scale) {
    if (!(variance > 0 && variance <= DBL_MAX && scale > 0 && scale <= DBL_MAX)) return false;
    return power * ilogb(variance) + 2 * ilogb(scale) >= 2 * EXPONENT_MIN;
}

double tsr_sample_root(const mpz_t numerator, const mpz_t denominator) {
    if (mpz_sgn(numerator) <= 0) return 0;
    const double root = sqrt(tsr_ratio_round(numerator, denominator, 0));
    return isfinite(root) ? root : NAN;
}

/* The sum of w^2 (W^3 (a b - their mean))^2: second_22 W^2 - 2 c_11 second_11 W + c_11^2 V */
static void linear_part(const tsr_sample *sample, const tsr_cross *cross, mpz_t out) {
    mpz_t term;
    mpz_init(term);
    mpz_mul(out, cross->second_22, sample->total);
    mpz_mul(term, cross->first_11, cross->second_11);
    mpz_submul_ui(out, term, 2);
    mpz_mul(out, out, sample->total);
    mpz_mul(term, cross->first_11, cross->first_11);
    mpz_addmul(out, term, sample->square);
    mpz_clear(term);
}

/* What the exact law of a covariance has beyond that, times D^3: V^2 (c_11^2 (V^2 + D V - D^2) + c_20 c_02 W^4) */
static void small_part(const tsr_sample *sample, const tsr_cross *cross, mpz_t out) {
    mpz_t factor;
    mpz_init(factor);
    mpz_add(factor, sample->square, sample->freedom);
    mpz_mul(factor, factor, sample->square);
    mpz_submul(factor, sample->freedom, sample->freedom);
    mpz_mul(out, cross->first_11, cross->first_11);
    mpz_mul(out, out, factor);
    mpz_pow_ui(factor, sample->total, 4);
    mpz_mul(factor, factor, cross->first_20);
    mpz_addmul(out, factor, cross->first_02);
    mpz_mul(out, out, sample->square);
    mpz_mul(out, out, sample->square);
    mpz_clear(factor);
}

double tsr_sample_cross_error(const tsr_sample *sample, const tsr_cross *cross) {
    mpz_t numerator, denominator, term;
    mpz_inits(numerator, denominator, term, NULL);
    mpz_pow_ui(term, sample->freedom, 3);
    linear_part(sample, cross, numerator);
    mpz_mul(numerator, numerator, term);
    mpz_pow_ui(denominator, sample->total, 8);
    mpz_mul(denominator, denominator, term);
    small_part(sample, cross, term);
    mpz_add(numerator, numerator, term);
    const double error = tsr_sample_root(numerator, denominator);
    mpz_clears(numerator, denominator, term, NULL);
    return error;
}
