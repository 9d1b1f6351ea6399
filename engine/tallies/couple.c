#include "engine/tallies/couple.h"

#include "engine/rational.h"
#include "engine/tallies/sample.h"
#include "engine/tallies/shift.h"

#include <math.h>

enum { FIRST = 3, SECOND = 5 };

/* Sums of w (W a')^i (W b')^j and w^2 (W a')^i (W b')^j about the means, integers in units of u^(i+j+1) and u^(i+j+2);
 * what lies beyond i + j of 2 and 4 stays 0. */
typedef struct {
    const tsr_couple_sums *sums;
    tsr_sample sample;
    mpz_t first[FIRST * FIRST]; /* [i, j] */
    mpz_t second[SECOND * SECOND];
} centred;

static mpz_srcptr first(const centred *whole, int i, int j) { return whole->first[i * FIRST + j]; }

static mpz_srcptr second(const centred *whole, int i, int j) { return whole->second[i * SECOND + j]; }

static int powers(const centred *whole) { return whole->sums->errors ? SECOND : 1; }

static void read_sums(const tsr_couple_sums *sums, centred *out) {
    for (int i = 0; i < FIRST; i++)
        for (int j = 0; i + j < FIRST; j++) tsr_shift_read(sums->first[i][j], sums->items, out->first[i * FIRST + j]);
    for (int i = 0; i < powers(out); i++)
        for (int j = 0; i + j < powers(out); j++)
            tsr_shift_read(sums->second[i][j], sums->items, out->second[i * SECOND + j]);
    tsr_shift_trim(out->first, (size_t)FIRST * FIRST, out->second, (size_t)SECOND * SECOND);
}

static void centred_init(const tsr_couple_sums *sums, centred *out) {
    out->sums = sums;
    for (int i = 0; i < FIRST * FIRST; i++) mpz_init(out->first[i]);
    for (int i = 0; i < SECOND * SECOND; i++) mpz_init(out->second[i]);
    read_sums(sums, out);
    tsr_sample_init(out->first[0], out->second[0], &out->sample);
}

static void centred_clear(centred *old) {
    for (int i = 0; i < FIRST * FIRST; i++) mpz_clear(old->first[i]);
    for (int i = 0; i < SECOND * SECOND; i++) mpz_clear(old->second[i]);
    tsr_sample_clear(&old->sample);
}

/* First all powers of a, then all powers of b. power: [size][size] */
static void centre_table(mpz_t *power, int size, int order, const tsr_sample *sample, const mpz_t a, const mpz_t b) {
    for (int j = 0; j < order; j++) tsr_shift(power + j, order - j, size, sample->total, a);
    for (int i = 0; i < order; i++) tsr_shift(power + (ptrdiff_t)i * size, order - i, 1, sample->total, b);
}

static void centre(centred *whole) {
    mpz_t a, b;
    mpz_inits(a, b, NULL);
    mpz_neg(a, first(whole, 1, 0));
    mpz_neg(b, first(whole, 0, 1));
    centre_table(whole->first, FIRST, FIRST, &whole->sample, a, b);
    centre_table(whole->second, SECOND, powers(whole), &whole->sample, a, b);
    mpz_clears(a, b, NULL);
}

/* c / (W D) */
static double covariance_of(const centred *whole, const mpz_t cross) {
    mpz_t denominator;
    mpz_init(denominator);
    mpz_mul(denominator, whole->sample.total, whole->sample.freedom);
    const double covariance = tsr_ratio_round(cross, denominator, 0);
    mpz_clear(denominator);
    return covariance;
}

/* 1 - r^2 as a fraction: its numerator is 0 exactly where one column is a straight line of the other. */
typedef struct {
    mpz_t square;  /* c_11^2 */
    mpz_t product; /* c_20 c_02 */
} fraction;

/* r = c_11 / sqrt(c_20 c_02): the root is taken of one correctly rounded ratio. */
static double correlation_of(const centred *whole, const fraction *of) {
    const double magnitude = fmin(tsr_sample_root(of->square, of->product), 1);
    return mpz_sgn(first(whole, 1, 1)) < 0 ? -magnitude : magnitude;
}

/* 2 (c_20 c_02)^(3/2) times the influence on r: 2 c_20 c_02 a b - c_11 c_02 a^2 - c_11 c_20 b^2, whose weighted square
 * is summed. */
static double correlation_error(const centred *whole, const fraction *of) {
    if (mpz_cmp(of->square, of->product) == 0) return 0;
    static const int power[3][2] = {{1, 1}, {2, 0}, {0, 2}};
    mpz_t factor[3], sum, term;
    mpz_inits(factor[0], factor[1], factor[2], sum, term, NULL);
    mpz_mul_ui(factor[0], of->product, 2);
    mpz_mul(factor[1], first(whole, 1, 1), first(whole, 0, 2));
    mpz_mul(factor[2], first(whole, 1, 1), first(whole, 2, 0));
    mpz_neg(factor[1], factor[1]);
    mpz_neg(factor[2], factor[2]);
    for (int p = 0; p < 3; p++)
        for (int q = 0; q < 3; q++) {
            mpz_mul(term, factor[p], factor[q]);
            mpz_addmul(sum, term, second(whole, power[p][0] + power[q][0], power[p][1] + power[q][1]));
        }
    mpz_pow_ui(term, of->product, 3);
    mpz_mul_ui(term, term, 4);
    const double error = tsr_sample_root(sum, term);
    mpz_clears(factor[0], factor[1], factor[2], sum, term, NULL);
    return error;
}

/* ---- what can be told ---- */

static bool is_finite_to(const centred *whole, int order) {
    for (int i = 0; i <= order; i++)
        for (int j = 0; i + j <= order; j++) {
            const tsr_exact *sum = order <= 2 ? whole->sums->first[i][j] : whole->sums->second[i][j];
            if (sum != NULL && !tsr_exact_is_finite(sum)) return false;
        }
    return true;
}

/* sum: of w or of w^2 */
static bool is_told(const centred *whole, const tsr_exact *sum, int power) {
    const double scale = sum == NULL ? 1 : tsr_exact_round(sum) / (double)whole->sums->items;
    return tsr_sample_is_told(power, covariance_of(whole, first(whole, 2, 0)), scale) &&
           tsr_sample_is_told(power, covariance_of(whole, first(whole, 0, 2)), scale);
}

static void solve_errors(const centred *whole, const fraction *of, tsr_couple *out) {
    if (!whole->sums->errors || !is_finite_to(whole, 4) || !is_told(whole, whole->sums->second[0][0], 4)) return;
    const tsr_cross cross = {first(whole, 1, 1), first(whole, 2, 0), first(whole, 0, 2), second(whole, 1, 1),
                             second(whole, 2, 2)};
    out->covariance_error = tsr_sample_cross_error(&whole->sample, &cross);
    out->correlation_error = correlation_error(whole, of);
}

static void solve(const centred *whole, tsr_couple *out) {
    fraction of;
    mpz_inits(of.square, of.product, NULL);
    mpz_mul(of.square, first(whole, 1, 1), first(whole, 1, 1));
    mpz_mul(of.product, first(whole, 2, 0), first(whole, 0, 2));
    if (mpz_sgn(of.product) == 0) {
        out->covariance = 0; /* a column of equal values */
        out->covariance_error = whole->sums->errors ? 0 : NAN;
    } else if (is_told(whole, whole->sums->first[0][0], 2)) {
        out->covariance = covariance_of(whole, first(whole, 1, 1));
        out->correlation = correlation_of(whole, &of);
        solve_errors(whole, &of, out);
    }
    mpz_clears(of.square, of.product, NULL);
}

void tsr_couple_solve(const tsr_couple_sums *sums, tsr_couple *out) {
    *out = (tsr_couple){NAN, NAN, NAN, NAN};
    const tsr_exact *square = sums->second[0][0];
    centred whole = {.sums = sums};
    if (sums->items < 2 || !is_finite_to(&whole, 2) || (square != NULL && !tsr_exact_is_finite(square))) return;
    centred_init(sums, &whole);
    if (tsr_sample_has_spread(&whole.sample)) {
        centre(&whole);
        solve(&whole, out);
    }
    centred_clear(&whole);
}
