#include "engine/rational.h"
#include "engine/tallies/unit.h"
#include "engine/tally.h"
#include "kernels/learn/named.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* GUARD_BITS: quotients of integers are kept to so many bits below the unit of the sums. */
enum { GROUPS_MAX = 65536, GUARD_BITS = 512, UNIT = -TSR_EXACT_BIAS };

static const tsr_param params[] = {
    {.name = "of", .type = TSR_TEXT, .unit = "1", .preset = NULL, .help = "column to be explained"},
    {.name = "by",
     .type = TSR_TEXT,
     .unit = "1",
     .preset = NULL,
     .help = "column that tells the groups: words, or whole numbers from 0 to 65535"},
    {.name = NULL},
};

/* A page for each group: the number of items, the exact sums of x and of x^2. */
enum { ITEMS, SUM, SQUARE = SUM + TSR_EXACT_WORDS, PAGE_WORDS = SQUARE + TSR_EXACT_WORDS };

typedef struct {
    int value; /* places in the block */
    int by;
    int groups;
    const tsr_field *group; /* kept: the column that tells the groups */
    const char *unit;
    char square[TSR_UNIT_BYTES];
} anova;

static tsr_status anova_create(const tsr_params *given, const tsr_field *fields, void **model) {
    tsr_status status;
    anova *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a tally");
    TSR_TRY_OUT(tsr_named_column(given, "of", fields, &self->value));
    TSR_TRY_OUT(tsr_named_column(given, "by", fields, &self->by));
    if (fields[self->value].categories != NULL) {
        status = tsr_params_fail(given, "of", "column '%s' has words, which have no mean", fields[self->value].name);
        goto out;
    }
    self->group = &fields[self->by];
    self->unit = fields[self->value].unit;
    tsr_unit_product(self->unit, self->unit, self->square);
    while (self->group->categories != NULL && self->group->categories[self->groups] != NULL) self->groups++;
    if (self->group->categories == NULL) self->groups = GROUPS_MAX;
    *model = self;
    self = NULL;
out:
    free(self);
    return status;
}

static tsr_layout anova_layout(const void *model) {
    return (tsr_layout){.pages = ((const anova *)model)->groups, .page_words = PAGE_WORDS};
}

/* ---- fold ---- */

/* Squares between these have rounding errors that are doubles. */
static void add_square(double value, tsr_exact *sum) {
    const double size = fabs(value);
    if (size > 0x1p-480 && size < 0x1p500) {
        const double square = value * value;
        tsr_exact_add(sum, square);
        tsr_exact_add(sum, fma(value, value, -square));
    } else {
        const double factors[] = {value, value};
        tsr_exact_add_product(sum, factors, 2);
    }
}

static tsr_status refuse_group(const anova *self, double group, int64_t item) {
    return TSR_FAIL(TSR_ENUMERIC,
                    "anova: column %s of item %lld is %g, which is no group: whole numbers from 0 to %d are",
                    self->group->name, (long long)item, isnan(group) ? NAN : group, self->groups - 1);
}

static tsr_status anova_add_block(const tsr_fold *fold, const tsr_block *block) {
    const anova *self = fold->model;
    const double *value = tsr_column(block, self->value), *by = tsr_column(block, self->by);
    for (int64_t i = 0; i < block->items; i++) {
        const bool is_group = by[i] >= 0 && by[i] < self->groups && floor(by[i]) == by[i];
        if (!is_group) return refuse_group(self, by[i], tsr_block_item(block, i));
        int64_t *page = tsr_state_page(fold->state, (int64_t)by[i]);
        TSR_REQUIRE(page != NULL, TSR_ERUNTIME, "no memory for %d groups", self->groups);
        page[ITEMS]++;
        tsr_exact_add((tsr_exact *)(page + SUM), value[i]);
        add_square(value[i], (tsr_exact *)(page + SQUARE));
    }
    return TSR_OK;
}

static void anova_settle(const void *model, tsr_state *state) {
    const anova *self = model;
    for (int g = 0; g < self->groups; g++) {
        if (tsr_state_find(state, g) == NULL) continue;
        tsr_exact_settle((tsr_exact *)(tsr_state_page(state, g) + SUM));
        tsr_exact_settle((tsr_exact *)(tsr_state_page(state, g) + SQUARE));
    }
}

/* ---- solve ---- */

/* Arrays of groups that have items: [count]. Sums of squares are integers in units of 2^(2 UNIT - GUARD_BITS). */
typedef struct {
    const anova *self;
    const tsr_state *state;
    int count;
    int64_t items;
    bool is_finite;
    mpz_t sum; /* of all items, in units of 2^UNIT */
    mpz_t between;
    mpz_t within;
    double *memory;
    double *number, *size, *mean, *error, *sd;
    const char **label;
} solution;

static void solution_clear(solution *old) {
    mpz_clears(old->sum, old->between, old->within, NULL);
    free(old->memory);
    free(old->label);
}

static tsr_status solution_init(const anova *self, const tsr_state *state, solution *out) {
    *out = (solution){.self = self, .state = state, .is_finite = true};
    mpz_inits(out->sum, out->between, out->within, NULL);
    for (int g = 0; g < self->groups; g++) out->count += tsr_state_find(state, g) != NULL;
    const size_t count = (size_t)out->count + 1;
    out->memory = calloc(5 * count, sizeof(*out->memory));
    out->label = calloc(count, sizeof(*out->label));
    TSR_REQUIRE(out->memory != NULL && out->label != NULL, TSR_ERUNTIME, "no memory for %d groups", out->count);
    out->number = out->memory;
    out->size = out->number + count;
    out->mean = out->size + count;
    out->error = out->mean + count;
    out->sd = out->error + count;
    return TSR_OK;
}

static void add_total(solution *of, int g) {
    const int64_t *page = tsr_state_find(of->state, g);
    mpz_t sum;
    mpz_init(sum);
    tsr_exact_to_integer((const tsr_exact *)(page + SUM), sum);
    mpz_add(of->sum, of->sum, sum);
    of->items += page[ITEMS];
    of->is_finite = of->is_finite && tsr_exact_is_finite((const tsr_exact *)(page + SUM)) &&
                    tsr_exact_is_finite((const tsr_exact *)(page + SQUARE));
    mpz_clear(sum);
}

/* total += numerator / divisor, cut off far behind the last bit that counts; exactly 0 for 0. */
static void add_quotient(mpz_t total, mpz_t numerator, const mpz_t divisor) {
    mpz_mul_2exp(numerator, numerator, GUARD_BITS);
    mpz_tdiv_q(numerator, numerator, divisor);
    mpz_add(total, total, numerator);
}

/* The group's squares about its mean: (n Q - S^2) / n. Its part between: (N S - n T)^2 / (N^2 n). */
static void add_group(solution *of, const int64_t *page, int k) {
    mpz_t sum, square, items, apart;
    mpz_inits(sum, square, items, apart, NULL);
    tsr_exact_to_integer((const tsr_exact *)(page + SUM), sum);
    tsr_exact_to_integer((const tsr_exact *)(page + SQUARE), square);
    mpz_set_si(items, page[ITEMS]);
    of->mean[k] = tsr_ratio_round(sum, items, UNIT);

    mpz_mul_2exp(square, square, -UNIT);
    mpz_mul(square, square, items);
    mpz_submul(square, sum, sum);
    mpz_mul_si(apart, items, page[ITEMS] - 1);
    of->sd[k] = page[ITEMS] > 1 ? sqrt(tsr_ratio_round(square, apart, 2L * UNIT)) : (double)NAN;
    of->error[k] = of->sd[k] / sqrt((double)page[ITEMS]);
    add_quotient(of->within, square, items);

    mpz_mul_si(sum, sum, of->items);
    mpz_submul(sum, of->sum, items);
    mpz_mul(sum, sum, sum);
    mpz_mul_si(items, items, of->items);
    mpz_mul_si(items, items, of->items);
    add_quotient(of->between, sum, items);
    mpz_clears(sum, square, items, apart, NULL);
}

static void find_groups(solution *of) {
    const anova *self = of->self;
    for (int g = 0; g < self->groups; g++)
        if (tsr_state_find(of->state, g) != NULL) add_total(of, g);
    int k = 0;
    for (int g = 0; g < self->groups; g++) {
        const int64_t *page = tsr_state_find(of->state, g);
        if (page == NULL) continue;
        of->number[k] = g;
        of->label[k] = self->group->categories != NULL ? self->group->categories[g] : NULL;
        of->size[k] = (double)page[ITEMS];
        of->mean[k] = of->error[k] = of->sd[k] = NAN;
        if (of->is_finite) add_group(of, page, k);
        k++;
    }
}

/* numerator factor / (denominator divisor) 2^exponent; what is divided by 0 is infinite, or NaN if it is 0 too. */
static double ratio_of(const mpz_t numerator, int64_t factor, const mpz_t denominator, int64_t divisor, long exponent) {
    mpz_t above, below;
    mpz_inits(above, below, NULL);
    mpz_mul_si(above, numerator, factor);
    mpz_mul_si(below, denominator, divisor);
    double ratio = mpz_sgn(above) > 0 ? INFINITY : NAN;
    if (mpz_sgn(below) > 0) ratio = tsr_ratio_round(above, below, exponent);
    mpz_clears(above, below, NULL);
    return ratio;
}

enum { BETWEEN, WITHIN, TOTAL, SOURCES };

typedef struct {
    double square[SOURCES];
    double freedom[SOURCES];
    double mean_square[SOURCES];
    double ratio;
    double probability;
    double share;
    double residual_sd;
} table;

static void find_row(const solution *of, int source, const mpz_t square, int64_t freedom, table *out) {
    const long exponent = 2L * UNIT - GUARD_BITS;
    mpz_t one;
    mpz_init_set_ui(one, 1);
    out->freedom[source] = (double)freedom;
    out->square[source] = out->mean_square[source] = NAN;
    if (of->is_finite) out->square[source] = ratio_of(square, 1, one, 1, exponent);
    if (of->is_finite && freedom > 0) out->mean_square[source] = ratio_of(square, 1, one, freedom, exponent);
    mpz_clear(one);
}

static void find_table(const solution *of, table *out) {
    const int64_t freedom[] = {of->count - 1, of->items - of->count, of->items - 1};
    mpz_t total;
    mpz_init(total);
    mpz_add(total, of->between, of->within);
    find_row(of, BETWEEN, of->between, freedom[BETWEEN], out);
    find_row(of, WITHIN, of->within, freedom[WITHIN], out);
    find_row(of, TOTAL, total, freedom[TOTAL], out);
    out->residual_sd = sqrt(out->mean_square[WITHIN]);
    const bool is_known = of->is_finite && freedom[BETWEEN] > 0 && freedom[WITHIN] > 0;
    out->ratio = is_known ? ratio_of(of->between, freedom[WITHIN], of->within, freedom[BETWEEN], 0) : (double)NAN;
    out->share = is_known ? ratio_of(of->between, 1, total, 1, 0) : (double)NAN;
    out->probability = isinf(out->ratio) ? 0 : (double)NAN;
    if (isfinite(out->ratio)) out->probability = gsl_cdf_fdist_Q(out->ratio, out->freedom[0], out->freedom[1]);
    mpz_clear(total);
}

static tsr_status add_table(const solution *of, const table *found, tsr_results *results) {
    static const char *const names[] = {"between", "within", "total"};
    const tsr_dimension source = {.name = "source", .length = SOURCES, .labels = names, .unit = "1"};
    const char *unit = of->self->unit, *square = of->self->square;
    const tsr_result form[] = {
        {.name = "anova_F",
         .long_name = "mean square between groups over that within",
         .value = &found->ratio,
         .headline = true},
        {.name = "anova_p",
         .long_name = "probability of so large an F if all groups had one mean, normal items",
         .value = &found->probability,
         .headline = true},
        {.name = "anova_r_squared",
         .long_name = "share of the squares that lies between groups",
         .value = &found->share,
         .headline = true},
        {.name = "anova_residual_sd",
         .long_name = "standard deviation within groups",
         .unit = unit,
         .value = &found->residual_sd,
         .headline = true},
        {.name = "anova_squares",
         .long_name = "sum of squares",
         .unit = square,
         .dimensions = 1,
         .dimension = {source},
         .value = found->square},
        {.name = "anova_freedom",
         .long_name = "degrees of freedom",
         .dimensions = 1,
         .dimension = {source},
         .value = found->freedom,
         .integer = true},
        {.name = "anova_mean_square",
         .long_name = "sum of squares over its degrees of freedom",
         .unit = square,
         .dimensions = 1,
         .dimension = {source},
         .value = found->mean_square},
    };
    for (size_t f = 0; f < sizeof(form) / sizeof(form[0]); f++) TSR_TRY(tsr_results_add(results, &form[f]));
    return TSR_OK;
}

static tsr_status add_groups(const solution *of, tsr_results *results) {
    const bool named = of->self->group->categories != NULL;
    const tsr_dimension group = {.name = "group",
                                 .length = of->count,
                                 .labels = named ? of->label : NULL,
                                 .coordinates = named ? NULL : of->number,
                                 .unit = "1"};
    const tsr_result form[] = {
        {.name = "anova_items", .long_name = "items of a group", .value = of->size, .integer = true, .total = true},
        {.name = "anova_mean",
         .long_name = "mean of a group",
         .unit = of->self->unit,
         .value = of->mean,
         .error = of->error},
        {.name = "anova_sd", .long_name = "standard deviation of a group", .unit = of->self->unit, .value = of->sd},
    };
    for (size_t f = 0; of->count > 0 && f < sizeof(form) / sizeof(form[0]); f++) {
        tsr_result result = form[f];
        result.dimensions = 1;
        result.dimension[0] = group;
        TSR_TRY(tsr_results_add(results, &result));
    }
    return TSR_OK;
}

static tsr_status anova_solve(const void *model, const tsr_state *state, tsr_results *results) {
    solution solved;
    table found;
    tsr_status status = solution_init(model, state, &solved);
    if (status == TSR_OK) {
        find_groups(&solved);
        find_table(&solved, &found);
        status = add_table(&solved, &found, results);
    }
    if (status == TSR_OK) status = add_groups(&solved, results);
    solution_clear(&solved);
    return status;
}

const tsr_tally tsr_tally_anova = {
    .name = "anova",
    .summary = "analysis of variance: whether the means of groups differ, and by how much",
    .reference = "Fisher, Statistical Methods for Research Workers (1925), VII",
    .params = params,
    .create = anova_create,
    .destroy = free,
    .layout = anova_layout,
    .add_block = anova_add_block,
    .settle = anova_settle,
    .solve = anova_solve,
};
