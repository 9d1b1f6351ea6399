#include "engine/tallies/chain_sums.h"

#include "engine/rational.h"
#include "engine/tallies/central.h"

#include <math.h>

/* Of each column; then two for each level and two for each lag from 1 on. */
enum { WHOLE, WHOLE_SQUARE, HALVES, HALVES_SQUARE, HALVES_ROWS, LEVELS, PER_LEVEL = 2, PER_LAG = 2 };

static int64_t level_place(int level) { return LEVELS + PER_LEVEL * level; }

static int64_t lag_place(tsr_chain_plan plan, int64_t lag) {
    return LEVELS + PER_LEVEL * plan.levels + PER_LAG * (lag - 1);
}

int64_t tsr_chain_sums_count(tsr_chain_plan plan) { return lag_place(plan, plan.lags + 1); }

/* ---- add ---- */

/* Where a chain's numbers go. */
typedef struct {
    const tsr_chain_sums *sums;
    int64_t first; /* sum of the column */
    tsr_state *state;
    bool finite;
} target;

static tsr_status put(target *to, int64_t place, const tsr_exact *sum) {
    to->finite = to->finite && tsr_exact_is_finite(sum);
    return tsr_bank_add(to->state, to->sums->bank, to->first + place, sum);
}

static tsr_status put_whole(target *to, const tsr_chain *chain) {
    tsr_exact sum = {0}, square = {0}, rows_square = {0};
    tsr_chain_add_sum(chain, &sum);
    tsr_chain_add_whole_square(chain, &square);
    TSR_TRY(put(to, WHOLE, &sum));
    TSR_TRY(put(to, WHOLE_SQUARE, &square));
    sum = square = (tsr_exact){0};
    tsr_chain_add_halves(chain, &sum, &square, &rows_square);
    TSR_TRY(put(to, HALVES, &sum));
    TSR_TRY(put(to, HALVES_SQUARE, &square));
    return put(to, HALVES_ROWS, &rows_square);
}

static tsr_status put_level(target *to, const tsr_chain *chain, int level) {
    tsr_exact sum = {0}, square = {0};
    tsr_chain_add_bins(chain, level, &sum, &square);
    TSR_TRY(put(to, level_place(level), &sum));
    return put(to, level_place(level) + 1, &square);
}

static tsr_status put_lag(target *to, tsr_chain *chain, int64_t lag) {
    const int64_t place = lag_place(to->sums->plan, lag);
    tsr_exact product = {0}, edges = {0};
    tsr_chain_add_lag(chain, lag, &product, &edges);
    TSR_TRY(put(to, place, &product));
    return put(to, place + 1, &edges);
}

tsr_status tsr_chain_sums_add(const tsr_chain_sums *sums, int64_t column, tsr_chain *chain, tsr_state *state,
                              bool *finite) {
    const int64_t rows = tsr_chain_rows(chain);
    target to = {.sums = sums, .first = column * tsr_chain_sums_count(sums->plan), .state = state, .finite = true};
    TSR_TRY(put_whole(&to, chain));
    for (int level = 0; level < sums->plan.levels && rows >> level > 0; level++) TSR_TRY(put_level(&to, chain, level));
    for (int64_t lag = 1; lag <= sums->plan.lags && lag < rows; lag++) TSR_TRY(put_lag(&to, chain, lag));
    *finite = to.finite;
    return TSR_OK;
}

/* ---- solve ---- */

typedef struct {
    const tsr_chain_sums *sums;
    int64_t first;
    const tsr_state *state;
    tsr_chain_shape shape;
    int64_t total; /* rows of all chains */
} column_sums;

static void get(const column_sums *from, int64_t place, tsr_exact *out) {
    tsr_bank_get(from->state, from->sums->bank, from->first + place, out);
}

static void get_integer(const column_sums *from, int64_t place, mpz_t out) {
    tsr_exact sum;
    get(from, place, &sum);
    tsr_exact_to_integer(&sum, out);
}

/* Sample variance of `count` numbers whose sum and sum of squares are these; NaN for one. */
static double variance_of(const column_sums *from, int64_t count, int64_t place) {
    if (count < 2) return NAN;
    tsr_exact sum, square;
    get(from, place, &sum);
    get(from, place + 1, &square);
    mpz_t cross;
    mpz_init(cross);
    tsr_central_cross(count, &square, &sum, &sum, cross);
    if (mpz_sgn(cross) < 0) mpz_set_ui(cross, 0); /* squares of differences were rounded */
    const double variance = tsr_central_covariance(count, cross);
    mpz_clear(cross);
    return variance;
}

/* Rows of a level are as many as its bins hold; the error is scaled to all rows. */
static double level_error(const column_sums *from, int level, int64_t bins) {
    const double rows = (double)((int64_t)1 << level);
    return sqrt(variance_of(from, bins, level_place(level)) / rows / (double)from->total);
}

/* Sum over t of (x(t) - mean)(x(t + lag) - mean) / pairs: with the sum S of all n rows, C of products and E of the
 * first and last `lag` rows of each chain, (n^2 C + S (n E - (n + chains lag) S)) / (n^2 pairs). */
static double covariance_at(const column_sums *from, const mpz_t sum, const mpz_t edges, int64_t lag) {
    const int64_t n = from->total, cut = from->shape.chains * lag;
    mpz_t product, rest;
    mpz_inits(product, rest, NULL);
    get_integer(from, lag == 0 ? level_place(0) + 1 : lag_place(from->sums->plan, lag), product);
    mpz_mul_2exp(product, product, TSR_EXACT_BIAS);
    mpz_mul_si(product, product, n);
    mpz_mul_si(product, product, n);
    mpz_mul_si(rest, edges, n);
    mpz_submul_ui(rest, sum, (unsigned long)(n + cut));
    mpz_addmul(product, rest, sum);
    mpz_set_si(rest, n);
    mpz_mul_si(rest, rest, n);
    mpz_mul_si(rest, rest, n - cut);
    const double covariance = tsr_ratio_round(product, rest, -2L * TSR_EXACT_BIAS);
    mpz_clears(product, rest, NULL);
    return covariance;
}

static void solve_covariances(const column_sums *from, double *out) {
    const tsr_chain_plan plan = from->sums->plan;
    mpz_t sum, edges, edge;
    mpz_inits(sum, edges, edge, NULL);
    get_integer(from, WHOLE, sum);
    for (int64_t lag = 0; lag <= plan.lags; lag++) {
        out[lag] = NAN;
        if (lag >= from->shape.rows) continue;
        if (lag > 0) {
            get_integer(from, lag_place(plan, lag) + 1, edge);
            mpz_add(edges, edges, edge);
        }
        out[lag] = covariance_at(from, sum, edges, lag);
    }
    mpz_clears(sum, edges, edge, NULL);
}

static double solve_mean(const column_sums *from) {
    mpz_t sum, total;
    mpz_init(sum);
    mpz_init_set_si(total, from->total);
    get_integer(from, WHOLE, sum);
    const double mean = tsr_ratio_round(sum, total, -(long)TSR_EXACT_BIAS);
    mpz_clears(sum, total, NULL);
    return mean;
}

/* The mean over halves of the variance within them, from the sum of squares R of rows and Q of halves' sums:
 * (n R - Q) / (n (n - 1) halves). */
static double within_halves(const column_sums *from) {
    const int64_t n = from->shape.half_rows;
    mpz_t rows, halves;
    mpz_inits(rows, halves, NULL);
    get_integer(from, HALVES_ROWS, rows);
    get_integer(from, HALVES_SQUARE, halves);
    mpz_mul_si(rows, rows, n);
    mpz_sub(rows, rows, halves);
    if (mpz_sgn(rows) < 0) mpz_set_ui(rows, 0);
    mpz_set_si(halves, n);
    mpz_mul_si(halves, halves, n - 1);
    mpz_mul_si(halves, halves, 2 * from->shape.chains);
    const double variance = tsr_ratio_round(rows, halves, -(long)TSR_EXACT_BIAS);
    mpz_clears(rows, halves, NULL);
    return variance;
}

static double split_r_hat(const column_sums *from) {
    const double n = (double)from->shape.half_rows;
    if (from->shape.half_rows < 2) return NAN;
    const double within = within_halves(from), between = variance_of(from, 2 * from->shape.chains, HALVES) / n / n;
    if (within > 0) return sqrt(((n - 1) / n * within + between) / within);
    return between > 0 ? INFINITY : 1;
}

void tsr_chain_sums_solve(const tsr_chain_sums *sums, int64_t column, const tsr_state *state, tsr_chain_shape shape,
                          tsr_chain_numbers *out) {
    const column_sums from = {.sums = sums,
                              .first = column * tsr_chain_sums_count(sums->plan),
                              .state = state,
                              .shape = shape,
                              .total = shape.chains * shape.rows};
    out->mean = solve_mean(&from);
    solve_covariances(&from, out->covariance);
    for (int level = 0; level < sums->plan.levels; level++) {
        out->level_bins[level] = shape.chains * (shape.rows >> level);
        out->level_error[level] = level_error(&from, level, out->level_bins[level]);
    }
    out->between_error = sqrt(variance_of(&from, shape.chains, WHOLE) / (double)shape.rows / (double)from.total);
    out->split_r_hat = split_r_hat(&from);
}
