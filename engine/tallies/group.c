#include "engine/tallies/group.h"

#include "engine/rational.h"
#include "engine/tallies/central.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* ---- many groups ---- */

static tsr_status group_init(int columns, tsr_group *out) {
    const int sums = tsr_batch_sums(columns);
    *out = (tsr_group){.columns = columns};
    mpz_t *sum = calloc((size_t)sums, sizeof(*sum));
    out->is_finite = calloc((size_t)sums, sizeof(*out->is_finite));
    for (int s = 0; sum != NULL && s < sums; s++) mpz_init(sum[s]);
    out->sum = sum;
    TSR_REQUIRE(out->sum != NULL && out->is_finite != NULL, TSR_ERUNTIME, "no memory for the sums of %d columns",
                columns);
    for (int s = 0; s < sums; s++) out->is_finite[s] = true;
    return TSR_OK;
}

static void group_clear(tsr_group *old) {
    for (int s = 0; old->sum != NULL && s < tsr_batch_sums(old->columns); s++) mpz_clear(old->sum[s]);
    free(old->sum);
    free(old->is_finite);
}

static void group_read(const int64_t *words, tsr_group *out) {
    const tsr_exact *sum = (const tsr_exact *)(words + 1);
    out->items = words[0];
    for (int s = 0; s < tsr_batch_sums(out->columns); s++) {
        out->is_finite[s] = tsr_exact_is_finite(&sum[s]);
        tsr_exact_to_integer(&sum[s], out->sum[s]);
    }
}

static void group_add(tsr_group *into, const tsr_group *from) {
    into->items += from->items;
    for (int s = 0; s < tsr_batch_sums(into->columns); s++) {
        into->is_finite[s] = into->is_finite[s] && from->is_finite[s];
        mpz_add(into->sum[s], into->sum[s], from->sum[s]);
    }
}

/* What is not finite in the whole counts as not finite in every part of it. */
static void group_difference(const tsr_group *whole, const tsr_group *part, tsr_group *out) {
    out->items = whole->items - part->items;
    for (int s = 0; s < tsr_batch_sums(whole->columns); s++) {
        out->is_finite[s] = whole->is_finite[s];
        mpz_sub(out->sum[s], whole->sum[s], part->sum[s]);
    }
}

void tsr_groups_destroy(tsr_groups **groups) {
    tsr_groups *old = *groups;
    if (old == NULL) return;
    group_clear(&old->total);
    for (int b = 0; b < TSR_BATCHES; b++) {
        group_clear(&old->batch[b]);
        group_clear(&old->rest[b]);
    }
    free(old);
    *groups = NULL;
}

tsr_status tsr_groups_create(int columns, const int64_t *words, tsr_groups **out) {
    tsr_groups *groups = calloc(1, sizeof(*groups));
    TSR_REQUIRE(groups != NULL, TSR_ERUNTIME, "no memory for batches of items");
    tsr_status status;
    TSR_TRY_OUT(group_init(columns, &groups->total));
    for (int b = 0; b < TSR_BATCHES; b++) {
        TSR_TRY_OUT(group_init(columns, &groups->batch[b]));
        TSR_TRY_OUT(group_init(columns, &groups->rest[b]));
        if (words != NULL) group_read(words + b * tsr_batch_words(columns), &groups->batch[b]);
        group_add(&groups->total, &groups->batch[b]);
        groups->batches += groups->batch[b].items > 0;
    }
    for (int b = 0; b < TSR_BATCHES; b++) group_difference(&groups->total, &groups->batch[b], &groups->rest[b]);
    *out = groups;
    groups = NULL;
out:
    tsr_groups_destroy(&groups);
    return status;
}

/* ---- one group ---- */

/* value = significand * 2^exponent, which is finite. */
static long split(double value, mpz_t significand) {
    int exponent;
    mpz_set_d(significand, ldexp(frexp(value, &exponent), DBL_MANT_DIG));
    return exponent - DBL_MANT_DIG;
}

double tsr_group_mean(const tsr_group *group, int column, double from) {
    if (group->items < 1 || !group->is_finite[column] || !isfinite(from)) return NAN;
    mpz_t numerator, denominator;
    mpz_inits(numerator, denominator, NULL);
    /* items * from in the units of the sums; what lies below them is cut off. */
    const long shift = split(from, numerator) + TSR_EXACT_BIAS;
    if (shift >= 0)
        mpz_mul_2exp(numerator, numerator, (mp_bitcnt_t)shift);
    else
        mpz_tdiv_q_2exp(numerator, numerator, (mp_bitcnt_t)-shift);
    mpz_set_si(denominator, group->items);
    mpz_mul(numerator, numerator, denominator);
    mpz_sub(numerator, group->sum[column], numerator);
    const double mean = tsr_ratio_round(numerator, denominator, -(long)TSR_EXACT_BIAS);
    mpz_clears(numerator, denominator, NULL);
    return mean;
}

double tsr_group_ratio(const tsr_group *group, int column, int other) {
    if (!group->is_finite[column] || !group->is_finite[other] || mpz_sgn(group->sum[other]) <= 0) return NAN;
    return tsr_ratio_round(group->sum[column], group->sum[other], 0);
}

/* items * sum(a b) - sum(a) * sum(b), in units of 2^(-2 BIAS); sums of products are in units of 2^-BIAS. */
static void cross_of(const tsr_group *group, int a, int b, mpz_t out) {
    mpz_t sums;
    mpz_init(sums);
    mpz_mul(sums, group->sum[a], group->sum[b]);
    mpz_mul_si(out, group->sum[tsr_batch_product(group->columns, a < b ? a : b, a < b ? b : a)], group->items);
    mpz_mul_2exp(out, out, TSR_EXACT_BIAS);
    mpz_sub(out, out, sums);
    mpz_clear(sums);
}

static bool is_known(const tsr_group *group, int a, int b) {
    return group->is_finite[a] && group->is_finite[b] &&
           group->is_finite[tsr_batch_product(group->columns, a < b ? a : b, a < b ? b : a)];
}

/* Where squares of differences have lost digits, nothing is told. */
static double told(double variance) {
    return variance == 0.0 || (fabs(variance) >= TSR_VARIANCE_MIN && fabs(variance) <= DBL_MAX) ? variance : NAN;
}

double tsr_group_covariance(const tsr_group *group, int a, int b) {
    if (group->items < 2 || !is_known(group, a, b)) return NAN;
    mpz_t cross;
    mpz_init(cross);
    cross_of(group, a, b, cross);
    const double covariance = tsr_central_covariance(group->items, cross);
    mpz_clear(cross);
    return a == b ? told(covariance) : covariance;
}

double tsr_group_scale(const tsr_group *group, const double *coefficient) {
    double scale = 0.0;
    for (int c = 0; c < group->columns; c++)
        if (coefficient[c] != 0.0) scale += fabs(coefficient[c]) * sqrt(tsr_group_covariance(group, c, c));
    return scale;
}

/* The coefficients as integers of one unit 2^*exponent; out: [columns], initialised. */
static void common_unit(int columns, const double *coefficient, mpz_t *out, long *exponent) {
    long own[TSR_BATCH_COLUMNS_MAX], least = 0;
    for (int c = 0; c < columns; c++) {
        own[c] = split(coefficient[c], out[c]);
        if (coefficient[c] != 0.0 && own[c] < least) least = own[c];
    }
    for (int c = 0; c < columns; c++) mpz_mul_2exp(out[c], out[c], (mp_bitcnt_t)(own[c] > least ? own[c] - least : 0));
    *exponent = least;
}

/* Sum over a, b of weight[a] weight[b] cross(a, b). */
static void quadratic_form(const tsr_group *group, mpz_t *weight, mpz_t out) {
    mpz_t cross;
    mpz_init(cross);
    mpz_set_ui(out, 0);
    for (int a = 0; a < group->columns; a++) {
        for (int b = a; b < group->columns; b++) {
            if (mpz_sgn(weight[a]) == 0 || mpz_sgn(weight[b]) == 0) continue;
            cross_of(group, a, b, cross);
            mpz_mul(cross, cross, weight[a]);
            mpz_mul(cross, cross, weight[b]);
            if (a < b) mpz_mul_2exp(cross, cross, 1);
            mpz_add(out, out, cross);
        }
    }
    mpz_clear(cross);
}

static bool is_solvable(const tsr_group *group, const double *coefficient) {
    for (int a = 0; a < group->columns; a++) {
        if (!isfinite(coefficient[a])) return false;
        for (int b = a; b < group->columns; b++)
            if (coefficient[a] != 0.0 && coefficient[b] != 0.0 && !is_known(group, a, b)) return false;
    }
    return group->items >= 2;
}

double tsr_group_variance(const tsr_group *group, const double *coefficient) {
    if (!is_solvable(group, coefficient)) return NAN;
    mpz_t weight[TSR_BATCH_COLUMNS_MAX], form, pairs;
    long exponent;
    for (int c = 0; c < group->columns; c++) mpz_init(weight[c]);
    mpz_init(form);
    mpz_init_set_si(pairs, group->items);
    mpz_mul_si(pairs, pairs, group->items - 1);
    common_unit(group->columns, coefficient, weight, &exponent);
    quadratic_form(group, weight, form);
    const double variance = tsr_ratio_round(form, pairs, 2 * (exponent - (long)TSR_EXACT_BIAS));
    for (int c = 0; c < group->columns; c++) mpz_clear(weight[c]);
    mpz_clears(form, pairs, NULL);
    /* 32 terms a lane and block, each rounded once, their factors before: (32 + 4) 2^-53 < 2^-47. */
    const double scale = tsr_group_scale(group, coefficient);
    return variance <= 0x1p-47 * scale * scale ? 0.0 : told(variance);
}
