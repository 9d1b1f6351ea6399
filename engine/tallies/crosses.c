#include "engine/tallies/crosses.h"

#include "engine/rational.h"
#include "engine/tallies/sample.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    mpz_t sum;    /* in units of u */
    mpz_t square; /* items^2 times the second central moment, in units of u^2 */
    bool finite;
    bool told; /* a variance from which nothing was lost */
} column;

/* u = 2^(cut - TSR_EXACT_BIAS): all sums are multiples of it. */
struct tsr_crosses {
    const tsr_gram *gram;
    const tsr_state *state;
    tsr_bank bank;
    int64_t items;
    mp_bitcnt_t cut;
    column *column;                         /* [columns] */
    mpz_t pairs;                            /* items (items - 1) */
    mpz_t product, cross, square, variance; /* of the pair at hand */
};

enum { LIMB_BITS = 32 };

/* The lowest limb that any sum has. */
static mp_bitcnt_t find_cut(const tsr_state *state, tsr_bank bank) {
    int page = 0;
    while (page < TSR_EXACT_BIAS / LIMB_BITS && tsr_state_find(state, bank.first + page) == NULL) page++;
    return (mp_bitcnt_t)page * LIMB_BITS;
}

/* One of the sums as an integer; false if it was not finite. */
static bool read_sum(const tsr_crosses *of, int a, int b, int j, mpz_t out) {
    tsr_exact sum;
    tsr_gram_get(of->gram, of->state, of->bank, a, b, j, &sum);
    tsr_exact_to_integer(&sum, out);
    mpz_tdiv_q_2exp(out, out, of->cut);
    return tsr_exact_is_finite(&sum);
}

/* items * sum(a b) - sum(a) * sum(b) */
static bool find_cross(tsr_crosses *of, int a, int b, mpz_t out) {
    const bool finite = read_sum(of, a, b, 1, of->product);
    mpz_mul_si(of->product, of->product, of->items);
    mpz_mul_2exp(out, of->product, TSR_EXACT_BIAS - of->cut);
    mpz_submul(out, of->column[a].sum, of->column[b].sum);
    return finite;
}

static double covariance_of(const tsr_crosses *of, const mpz_t cross) {
    return tsr_ratio_round(cross, of->pairs, 2 * ((long)of->cut - TSR_EXACT_BIAS));
}

static void read_column(tsr_crosses *of, int c) {
    column *into = &of->column[c];
    const bool finite = read_sum(of, c, c, 0, into->sum);
    into->finite = find_cross(of, c, c, into->square) && finite;
    into->told = of->items > 1 && tsr_sample_is_told(2, covariance_of(of, into->square), 1);
}

tsr_status tsr_crosses_create(const tsr_gram *gram, const tsr_state *state, tsr_bank bank, int64_t items,
                              tsr_crosses **out) {
    const int columns = gram->columns->count;
    tsr_crosses *self = calloc(1, sizeof(*self));
    column *of_columns = calloc((size_t)columns + 1, sizeof(*of_columns));
    if (self == NULL || of_columns == NULL) {
        free(self);
        free(of_columns);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the covariance matrix of %d columns", columns);
    }
    *self = (tsr_crosses){.gram = gram, .state = state, .bank = bank, .items = items, .column = of_columns};
    self->cut = find_cut(state, bank);
    mpz_inits(self->pairs, self->product, self->cross, self->square, self->variance, NULL);
    mpz_set_si(self->pairs, items);
    mpz_mul_si(self->pairs, self->pairs, items - 1);
    for (int c = 0; c < columns; c++) {
        mpz_inits(of_columns[c].sum, of_columns[c].square, NULL);
        read_column(self, c);
    }
    *out = self;
    return TSR_OK;
}

void tsr_crosses_destroy(tsr_crosses **crosses) {
    tsr_crosses *old = *crosses;
    if (old == NULL) return;
    for (int c = 0; c < old->gram->columns->count; c++) mpz_clears(old->column[c].sum, old->column[c].square, NULL);
    mpz_clears(old->pairs, old->product, old->cross, old->square, old->variance, NULL);
    free(old->column);
    free(old);
    *crosses = NULL;
}

/* r = c_ab / sqrt(c_aa c_bb): the root is taken of one correctly rounded ratio. */
static double correlation_of(tsr_crosses *of) {
    mpz_mul(of->square, of->cross, of->cross);
    const double magnitude = fmin(tsr_sample_root(of->square, of->variance), 1);
    return mpz_sgn(of->cross) < 0 ? -magnitude : magnitude;
}

void tsr_crosses_solve(tsr_crosses *crosses, int a, int b, double *covariance, double *correlation) {
    const column *first = &crosses->column[a], *second = &crosses->column[b];
    *covariance = NAN;
    if (correlation != NULL) *correlation = NAN;
    const bool finite = find_cross(crosses, a, b, crosses->cross);
    if (!finite || !first->finite || !second->finite || crosses->items < 2) return;
    mpz_mul(crosses->variance, first->square, second->square);
    if (mpz_sgn(crosses->variance) == 0) {
        *covariance = 0; /* a column of equal values */
    } else if (correlation == NULL || (first->told && second->told)) {
        *covariance = covariance_of(crosses, crosses->cross);
        if (correlation != NULL) *correlation = correlation_of(crosses);
    }
}
