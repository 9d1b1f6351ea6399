/* A call or put on the average price of a lognormal asset over equally spaced fixings.
 *
 *     log S(t_j) = log S(t_(j-1)) + (rate - dividend - volatility^2 / 2) (t_j - t_(j-1)) + volatility sqrt(t_j -
 * t_(j-1)) z_j
 *
 * Normal j is the step to fixing j + 1, or to fixing j + 2 if the first fixing is today's price. The geometric average
 * is lognormal itself, so that its option has a closed form: a control whose correlation with the arithmetic one
 * exceeds 0.999 in most cases. */
#include "engine/kernel.h"
#include "engine/number.h"
#include "kernels/finance/black.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"spot", TSR_REAL, "currency", "100", 0, 1e12, true, false, NULL, "price of the asset today"},
    {"strike", TSR_REAL, "currency", "100", 0, 1e12, true, false, NULL, "price that the average is compared with"},
    {"rate", TSR_REAL, "1/year", "0.05", -2, 2, false, false, NULL, "riskless interest, continuously compounded"},
    {"dividend", TSR_REAL, "1/year", "0", -2, 2, false, false, NULL, "dividend yield, continuously compounded"},
    {"volatility", TSR_REAL, "1/sqrt(year)", "0.2", 0, 10, true, false, NULL, "deviation of a year's log return"},
    {"maturity", TSR_REAL, "year", "1", 0, 100, true, false, NULL, "time of the last fixing and of the payment"},
    {"fixings", TSR_INTEGER, "1", "252", 1, 100000, false, false, NULL,
     "prices in the average, equally spaced in time"},
    {"first", TSR_TEXT, "year", "period", 0, 0, false, false, NULL,
     "time of the first fixing, 0 for today; period: maturity / fixings"},
    {"type", TSR_CHOICE, "1", "call", 0, 0, false, false, "call|put", "the right to buy (call) or to sell (put)"},
    {.name = NULL},
};

/* What a log price does until the next fixing. */
typedef struct {
    double drift;
    double deviation;
} increment;

enum { ARITHMETIC, GEOMETRIC, AVERAGE, COLUMNS };

typedef struct {
    double spot;   /* discounted */
    double strike; /* discounted */
    double sign;   /* +1 for a call, -1 for a put */
    double fixings;
    int64_t steps;  /* that are random: fixings, or one fewer if the first is today */
    increment lead; /* to the first fixing that is not today */
    increment step; /* from then on */
    tsr_field fields[COLUMNS + 1];
} asian;

/* When the fixings are: first, first + spacing, ... */
typedef struct {
    double first;
    double spacing;
} calendar;

static tsr_status read_calendar(const tsr_params *given, calendar *out) {
    const char *text = tsr_params_text(given, "first");
    const double maturity = tsr_params_real(given, "maturity");
    const double fixings = (double)tsr_params_integer(given, "fixings");
    *out = (calendar){.first = maturity / fixings, .spacing = maturity / fixings};
    if (strcmp(text, "period") == 0) return TSR_OK;
    if (tsr_number_read_real(text, &out->first) != TSR_NUMBER_OK)
        return tsr_params_fail(given, "first", "'%s' is neither a number of years nor the word period", text);
    if (out->first < 0.0 || out->first > maturity)
        return tsr_params_fail(given, "first", "%s is not between 0 (today) and the maturity of %g years", text,
                               maturity);
    if (fixings == 1.0 && out->first == 0.0)
        return tsr_params_fail(given, "first",
                               "the only fixing is today's price, so nothing is left to chance: give a "
                               "later time or more fixings");
    out->spacing = fixings > 1.0 ? (maturity - out->first) / (fixings - 1.0) : 0.0;
    return TSR_OK;
}

static increment increment_of(const tsr_params *given, double time) {
    const double volatility = tsr_params_real(given, "volatility");
    const double carry = tsr_params_real(given, "rate") - tsr_params_real(given, "dividend");
    return (increment){.drift = (carry - 0.5 * volatility * volatility) * time, .deviation = volatility * sqrt(time)};
}

/* Mean discounted payoff on the geometric average. Its logarithm is normal: the mean of n equally spaced values of a
 * Brownian motion has variance first + spacing (n - 1) (2 n - 1) / (6 n). Kemna and Vorst, in discrete time. */
static double geometric_price(const tsr_params *given, const asian *self, calendar when) {
    const double n = self->fixings, mean_time = when.first + 0.5 * (n - 1.0) * when.spacing;
    const double clock = when.first + when.spacing * (n - 1.0) * (2.0 * n - 1.0) / (6.0 * n);
    const double deviation = increment_of(given, clock).deviation;
    const double log_mean = fma(0.5 * deviation, deviation, increment_of(given, mean_time).drift);
    return tsr_black_mean(self->spot * tsr_exp(log_mean), self->strike, deviation, self->sign < 0.0);
}

/* Mean discounted arithmetic average. */
static double average_price(const tsr_params *given, const asian *self, calendar when) {
    const int64_t fixings = tsr_params_integer(given, "fixings");
    const double carry = tsr_params_real(given, "rate") - tsr_params_real(given, "dividend");
    double sum = 0.0;
    for (int64_t j = 0; j < fixings; j++) sum += tsr_exp(carry * fma((double)j, when.spacing, when.first));
    return self->spot / self->fixings * sum;
}

static void describe(const tsr_params *given, calendar when, asian *self) {
    self->fields[ARITHMETIC] = (tsr_field){
        .name = "arithmetic", .unit = "currency", .long_name = "payoff on the arithmetic average, discounted to today"};
    self->fields[GEOMETRIC] = (tsr_field){.name = "geometric",
                                          .unit = "currency",
                                          .long_name = "payoff on the geometric average, discounted to today",
                                          .is_control = true,
                                          .expectation = geometric_price(given, self, when)};
    self->fields[AVERAGE] = (tsr_field){.name = "average",
                                        .unit = "currency",
                                        .long_name = "the arithmetic average itself, discounted to today",
                                        .is_control = true,
                                        .expectation = average_price(given, self, when)};
}

static tsr_status create(const tsr_params *given, void **model) {
    calendar when;
    TSR_TRY(read_calendar(given, &when));
    asian *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self, TSR_ERUNTIME, "no memory for the model of an Asian option");
    const double discount = tsr_exp(-tsr_params_real(given, "rate") * tsr_params_real(given, "maturity"));
    self->spot = discount * tsr_params_real(given, "spot");
    self->strike = discount * tsr_params_real(given, "strike");
    self->sign = tsr_params_choice(given, "type") == 0 ? 1.0 : -1.0;
    self->fixings = (double)tsr_params_integer(given, "fixings");
    self->step = increment_of(given, when.spacing);
    self->lead = when.first > 0.0 ? increment_of(given, when.first) : self->step;
    self->steps = tsr_params_integer(given, "fixings") - (when.first > 0.0 ? 0 : 1);
    describe(given, when, self);
    *model = self;
    return TSR_OK;
}

static const tsr_field *fields_of(const void *model) { return ((const asian *)model)->fields; }

static tsr_demand demand(const void *model) {
    return (tsr_demand){.normals = ((const asian *)model)->steps, .paths = 1};
}

static void set_all(double value, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++) out[i] = value;
}

/* To the next fixing. log_price: over spot; log_sum and sum: of log prices and prices over spot, so far. */
static void walk(increment by, const double *restrict z, int64_t items, double *restrict log_price,
                 double *restrict log_sum, double *restrict sum) {
    for (int64_t i = 0; i < items; i++) {
        log_price[i] += fma(by.deviation, z[i], by.drift);
        log_sum[i] += log_price[i];
        sum[i] += tsr_exp(log_price[i]);
    }
}

/* Until the last fixing the columns hold the path instead: log price, sum of log prices, sum of prices. */
static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const asian option = *(const asian *)model;
    const double share = 1.0 / option.fixings;
    double *arithmetic = tsr_column(out, ARITHMETIC), *geometric = tsr_column(out, GEOMETRIC);
    double *average = tsr_column(out, AVERAGE);
    set_all(0.0, out->items, arithmetic);
    set_all(0.0, out->items, geometric);
    set_all(option.fixings - (double)option.steps, out->items, average);
    for (int64_t step = 0; step < option.steps; step++)
        walk(step == 0 ? option.lead : option.step, tsr_normal(draws, step), out->items, arithmetic, geometric,
             average);
    for (int64_t i = 0; i < out->items; i++) {
        const double gain = option.sign * fma(option.spot, tsr_exp(geometric[i] * share), -option.strike);
        geometric[i] = gain > 0.0 ? gain : 0.0;
    }
    for (int64_t i = 0; i < out->items; i++) {
        average[i] = option.spot * (average[i] * share);
        const double gain = option.sign * (average[i] - option.strike);
        arithmetic[i] = gain > 0.0 ? gain : 0.0;
    }
    return TSR_OK;
}

const tsr_source tsr_source_asian = {
    .name = "asian",
    .summary =
        "Asian call or put: payoff on the average of a lognormal asset's prices, with the geometric one as control",
    .reference = "A. Kemna and A. Vorst, J. Banking and Finance 14 (1990) 113; P. Glasserman, Monte Carlo Methods in "
                 "Financial Engineering (2004), sections 3.2.2 and 4.1.2",
    .params = params,
    .create = create,
    .destroy = free,
    .fields_of = fields_of,
    .fill = fill,
    .demand = demand,
    .block_items = 256,
};
