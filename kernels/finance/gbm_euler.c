/* A European call or put by Euler steps on geometric Brownian motion, at a level of refinement and the one below it:
 * the model problem of multilevel Monte Carlo. Both levels see the same Brownian path, so that their difference has a
 * variance that halves with each level, while its cost doubles. */
#include "engine/kernel.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"level", TSR_INTEGER, "1", "5", 0, 20, false, false, NULL, "2^level steps; the level below has half of them"},
    {"spot", TSR_REAL, "currency", "100", 0, 1e12, true, false, NULL, "price of the asset today"},
    {"strike", TSR_REAL, "currency", "100", 0, 1e12, true, false, NULL, "price at which the holder may buy or sell"},
    {"rate", TSR_REAL, "1/year", "0.05", -2, 2, false, false, NULL, "riskless interest, continuously compounded"},
    {"dividend", TSR_REAL, "1/year", "0", -2, 2, false, false, NULL, "dividend yield, continuously compounded"},
    {"volatility", TSR_REAL, "1/sqrt(year)", "0.2", 0, 10, true, false, NULL, "deviation of a year's log return"},
    {"maturity", TSR_REAL, "year", "1", 0, 100, true, false, NULL, "time until exercise"},
    {"type", TSR_CHOICE, "1", "call", 0, 0, false, false, "call|put", "the right to buy (call) or to sell (put)"},
    {.name = NULL},
};

enum { DIFFERENCE, FINE };

static const tsr_field fields[] = {
    {.name = "difference", .unit = "currency", .long_name = "fine less the payoff at the level below, if there is one"},
    {.name = "fine", .unit = "currency", .long_name = "payoff at this level, discounted to today"},
    {.name = NULL},
};

typedef struct {
    double spot;   /* discounted */
    double strike; /* discounted */
    double sign;   /* +1 for a call, -1 for a put */
    int64_t steps;
    double carry;     /* of one step */
    double deviation; /* of one step */
} gbm_euler;

static tsr_status create(const tsr_params *given, void **model) {
    gbm_euler *option = malloc(sizeof(*option));
    TSR_REQUIRE(option, TSR_ERUNTIME, "no memory for the model of an option in Euler steps");
    const int64_t steps = INT64_C(1) << tsr_params_integer(given, "level");
    const double maturity = tsr_params_real(given, "maturity"), time = maturity / (double)steps;
    const double discount = tsr_exp(-tsr_params_real(given, "rate") * maturity);
    *option = (gbm_euler){
        .spot = discount * tsr_params_real(given, "spot"),
        .strike = discount * tsr_params_real(given, "strike"),
        .sign = tsr_params_choice(given, "type") == 0 ? 1.0 : -1.0,
        .steps = steps,
        .carry = (tsr_params_real(given, "rate") - tsr_params_real(given, "dividend")) * time,
        .deviation = tsr_params_real(given, "volatility") * sqrt(time),
    };
    *model = option;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    return (tsr_demand){.normals = ((const gbm_euler *)model)->steps, .paths = 1};
}

static double cost(const void *model) { return (double)((const gbm_euler *)model)->steps; }

static void set_all(double value, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++) out[i] = value;
}

/* The only step of level 0, which has no level below. */
static void walk_once(gbm_euler option, const double *restrict z, int64_t items, double *restrict fine) {
    for (int64_t i = 0; i < items; i++) fine[i] *= fma(option.deviation, z[i], 1.0 + option.carry);
}

/* Two steps of this level and one of the level below. */
static void walk_pair(gbm_euler option, const double *restrict z, const double *restrict next, int64_t items,
                      double *restrict fine, double *restrict coarse) {
    const double once = 1.0 + option.carry, twice = 1.0 + 2.0 * option.carry;
    for (int64_t i = 0; i < items; i++) {
        fine[i] *= fma(option.deviation, z[i], once);
        fine[i] *= fma(option.deviation, next[i], once);
        coarse[i] *= fma(option.deviation, z[i] + next[i], twice);
    }
}

/* From prices over spot to payoffs. */
static void pay(gbm_euler option, int64_t items, double *restrict price) {
    for (int64_t i = 0; i < items; i++) {
        const double gain = option.sign * fma(option.spot, price[i], -option.strike);
        price[i] = gain > 0.0 ? gain : 0.0;
    }
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const gbm_euler option = *(const gbm_euler *)model;
    double *difference = tsr_column(out, DIFFERENCE), *fine = tsr_column(out, FINE);
    set_all(1.0, out->items, fine);
    set_all(1.0, out->items, difference);
    if (option.steps == 1) walk_once(option, tsr_normal(draws, 0), out->items, fine);
    for (int64_t step = 0; step + 1 < option.steps; step += 2)
        walk_pair(option, tsr_normal(draws, step), tsr_normal(draws, step + 1), out->items, fine, difference);
    pay(option, out->items, fine);
    pay(option, out->items, difference);
    if (option.steps == 1) set_all(0.0, out->items, difference);
    for (int64_t i = 0; i < out->items; i++) difference[i] = fine[i] - difference[i];
    return TSR_OK;
}

const tsr_source tsr_source_gbm_euler = {
    .name = "gbm_euler",
    .summary = "European call or put by 2^level Euler steps, and its difference from the level below on the same path",
    .reference = "M. B. Giles, Operations Research 56 (2008) 607",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
    .cost = cost,
    .block_items = 256,
};
