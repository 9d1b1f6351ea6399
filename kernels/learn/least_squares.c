#include "kernels/learn/least_squares.h"

#include "engine/rational.h"

#include <math.h>
#include <stdlib.h>

/* entry: [terms, width]: the matrix of the terms, the right side, then as many columns as terms that begin as the unit
 * matrix. Once eliminated, the matrix is `scale` times the unit matrix. All sums are integers in one unit. */
typedef struct {
    const tsr_least_squares_sums *sums;
    int terms;
    int width;
    mpz_t *entry;
    mpz_t *right; /* [terms]: the right side as it was */
    mpz_t whole;  /* the sum of w y^2 */
    mpz_t total;  /* the sum of squares about the mean, times `divisor` */
    mpz_t divisor;
    mpz_t scale;
    bool is_used[TSR_TERMS_MAX];
} system_of;

static mpz_t *at(const system_of *self, int row, int column) { return &self->entry[row * self->width + column]; }

static const tsr_exact *sum_of(const tsr_least_squares_sums *sums, int a, int b) {
    const int low = a < b ? a : b, high = a < b ? b : a;
    return &sums->sum[tsr_least_squares_pair(sums->terms + 1, low, high)];
}

static bool is_finite(const tsr_least_squares_sums *sums) {
    const int columns = sums->terms + 1;
    bool finite = true;
    for (int s = 0; s < columns * (columns + 1) / 2; s++) finite = finite && tsr_exact_is_finite(&sums->sum[s]);
    return finite;
}

/* ---- the system ---- */

static mpz_t *make_integers(int count) {
    mpz_t *made = calloc((size_t)count, sizeof(*made));
    for (int i = 0; made != NULL && i < count; i++) mpz_init(made[i]);
    return made;
}

static void free_integers(mpz_t *old, int count) {
    for (int i = 0; old != NULL && i < count; i++) mpz_clear(old[i]);
    free(old);
}

static void system_clear(system_of *self) {
    free_integers(self->entry, self->terms * self->width);
    free_integers(self->right, self->terms);
    mpz_clears(self->whole, self->total, self->divisor, self->scale, NULL);
}

static tsr_status system_init(const tsr_least_squares_sums *sums, system_of *out) {
    *out = (system_of){.sums = sums, .terms = sums->terms, .width = 2 * sums->terms + 1};
    mpz_inits(out->whole, out->total, out->divisor, out->scale, NULL);
    out->entry = make_integers(out->terms * out->width);
    out->right = make_integers(out->terms);
    TSR_REQUIRE(out->entry != NULL && out->right != NULL, TSR_ERUNTIME, "no memory for a regression of %d terms",
                out->terms);
    return TSR_OK;
}

/* Zeros that all sums end with are no digits. */
static mp_bitcnt_t common_zeros(const system_of *self) {
    mp_bitcnt_t zeros = mpz_sgn(self->whole) != 0 ? mpz_scan1(self->whole, 0) : ~(mp_bitcnt_t)0;
    for (int row = 0; row < self->terms; row++)
        for (int column = 0; column <= self->terms; column++) {
            mpz_t *value = at(self, row, column);
            const mp_bitcnt_t own = mpz_sgn(*value) != 0 ? mpz_scan1(*value, 0) : zeros;
            zeros = own < zeros ? own : zeros;
        }
    return zeros;
}

/* Returns the exponent of the unit. */
static long read_sums(system_of *self) {
    const int y = self->terms;
    tsr_exact_to_integer(sum_of(self->sums, y, y), self->whole);
    for (int row = 0; row < self->terms; row++)
        for (int column = 0; column <= self->terms; column++)
            tsr_exact_to_integer(sum_of(self->sums, row, column), *at(self, row, column));
    const mp_bitcnt_t zeros = common_zeros(self);
    if (zeros == ~(mp_bitcnt_t)0) return 0;
    mpz_fdiv_q_2exp(self->whole, self->whole, zeros);
    for (int row = 0; row < self->terms; row++) {
        for (int column = 0; column <= self->terms; column++)
            mpz_fdiv_q_2exp(*at(self, row, column), *at(self, row, column), zeros);
        mpz_set(self->right[row], *at(self, row, y));
    }
    return (long)zeros - TSR_EXACT_BIAS;
}

/* The squares to be explained: of y, or about its mean. */
static void find_total(system_of *self) {
    mpz_set(self->total, self->whole);
    mpz_set_ui(self->divisor, 1);
    if (!self->sums->intercept || mpz_sgn(*at(self, 0, 0)) <= 0) return;
    mpz_set(self->divisor, *at(self, 0, 0));
    mpz_mul(self->total, self->total, self->divisor);
    mpz_submul(self->total, self->right[0], self->right[0]);
}

/* One row of the elimination by another; divisions are exact. */
static void clear_entry(system_of *self, int row, int pivot) {
    mpz_t factor;
    mpz_init_set(factor, *at(self, row, pivot));
    for (int column = 0; column < self->width; column++) {
        mpz_t *value = at(self, row, column);
        mpz_mul(*value, *value, *at(self, pivot, pivot));
        mpz_submul(*value, factor, *at(self, pivot, column));
        mpz_divexact(*value, *value, self->scale);
    }
    mpz_clear(factor);
}

/* A pivot is what is a term's own, apart from those before it: never negative, and 0 if there is nothing. Rows of terms
 * that are left out are eliminated with the others, lest they lose the common scale, and never looked at. */
static int eliminate(system_of *self) {
    int used = 0;
    mpz_set_ui(self->scale, 1);
    for (int pivot = 0; pivot < self->terms; pivot++) {
        if (mpz_sgn(*at(self, pivot, pivot)) <= 0) continue;
        for (int row = 0; row < self->terms; row++)
            if (row != pivot) clear_entry(self, row, pivot);
        mpz_set(self->scale, *at(self, pivot, pivot));
        self->is_used[pivot] = true;
        used++;
    }
    return used;
}

/* ---- what it tells ---- */

/* residual = scale times the residual sum of squares; apart = scale times divisor times what is explained. */
static void find_squares(const system_of *self, mpz_t residual, mpz_t apart) {
    mpz_mul(residual, self->whole, self->scale);
    for (int t = 0; t < self->terms; t++)
        if (self->is_used[t]) mpz_submul(residual, self->right[t], *at(self, t, self->terms));
    mpz_mul(apart, self->total, self->scale);
    mpz_submul(apart, residual, self->divisor);
}

/* numerator / (a b c) * 2^exponent */
static double ratio_of(const mpz_t numerator, const mpz_t a, const mpz_t b, int64_t c, long exponent) {
    mpz_t denominator;
    mpz_init(denominator);
    mpz_mul(denominator, a, b);
    mpz_mul_si(denominator, denominator, c);
    const double ratio = mpz_sgn(denominator) > 0 ? tsr_ratio_round(numerator, denominator, exponent)
                                                  : (mpz_sgn(numerator) > 0 ? (double)INFINITY : (double)NAN);
    mpz_clear(denominator);
    return ratio;
}

static void tell_term(const system_of *self, int t, const mpz_t residual, tsr_least_squares *out) {
    out->coefficient[t] = out->error[t] = NAN;
    if (!self->is_used[t]) return;
    mpz_t variance, one;
    mpz_init(variance);
    mpz_init_set_ui(one, 1);
    out->coefficient[t] = ratio_of(*at(self, t, self->terms), self->scale, one, 1, 0);
    mpz_mul(variance, residual, *at(self, t, self->terms + 1 + t));
    if (out->freedom > 0) out->error[t] = sqrt(ratio_of(variance, self->scale, self->scale, out->freedom, 0));
    mpz_clears(variance, one, NULL);
}

static void tell_fit(const system_of *self, long unit, const mpz_t residual, const mpz_t apart,
                     tsr_least_squares *out) {
    const int explaining = out->used - (self->sums->intercept && self->is_used[0]);
    mpz_t one, mean;
    mpz_init_set_ui(one, 1);
    mpz_init(mean);
    out->square = ratio_of(residual, self->scale, one, 1, unit);
    if (out->freedom > 0) out->residual_sd = sqrt(ratio_of(residual, self->scale, one, out->freedom, unit));
    if (mpz_sgn(self->total) > 0) out->determination = ratio_of(apart, self->total, self->scale, 1, 0);
    mpz_mul_si(mean, apart, out->freedom);
    if (out->freedom > 0 && explaining > 0) out->ratio = ratio_of(mean, residual, self->divisor, explaining, 0);
    mpz_clears(one, mean, NULL);
}

static void tell(const system_of *self, long unit, tsr_least_squares *out) {
    mpz_t residual, apart;
    mpz_inits(residual, apart, NULL);
    out->freedom = self->sums->items - out->used;
    find_squares(self, residual, apart);
    for (int t = 0; t < self->terms; t++) tell_term(self, t, residual, out);
    tell_fit(self, unit, residual, apart, out);
    mpz_clears(residual, apart, NULL);
}

tsr_status tsr_least_squares_solve(const tsr_least_squares_sums *sums, tsr_least_squares *out) {
    *out = (tsr_least_squares){.square = NAN, .residual_sd = NAN, .determination = NAN, .ratio = NAN};
    for (int t = 0; t < sums->terms; t++) out->coefficient[t] = out->error[t] = NAN;
    if (sums->items == 0 || !is_finite(sums)) return TSR_OK;
    system_of self;
    const tsr_status status = system_init(sums, &self);
    if (status == TSR_OK) {
        const long unit = read_sums(&self);
        for (int t = 0; t < self.terms; t++) mpz_set_ui(*at(&self, t, self.terms + 1 + t), 1);
        find_total(&self);
        out->used = eliminate(&self);
        tell(&self, unit, out);
    }
    system_clear(&self);
    return status;
}
