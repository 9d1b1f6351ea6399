/* A European call or put on an asset whose variance V is itself random (Heston), in equal time steps h.
 *
 *     dS / S = (rate - dividend) dt + sqrt(V) dW,   dV = kappa (theta - V) dt + xi sqrt(V) dB,   dW dB = rho dt
 *
 * Scheme QE-M of Andersen: given V, the V' a step later is drawn from a simple law with the exact mean m and variance
 * s^2. Where s^2 / m^2 <= 1.5 ("calm") it is a shifted normal squared, a (b + z)^2; above, it is 0 with probability p
 * and otherwise exponential, made from the same z through the tail of the normal law. The price follows with
 *
 *     log S' - log S = carry h + slope V' - quarter V + sqrt(2 quarter (V + V')) z' - log E exp(tilt V')
 *
 * whose last term, known for both laws, makes the discounted price a martingale at any number of steps. */
#include "engine/kernel.h"
#include "kernels/laws/normal_tail.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"spot", TSR_REAL, "currency", "100", 0, 1e12, true, false, NULL, "price of the asset today"},
    {"strike", TSR_REAL, "currency", "100", 0, 1e12, true, false, NULL, "price at which the holder may buy or sell"},
    {"rate", TSR_REAL, "1/year", "0.0319", -2, 2, false, false, NULL, "riskless interest, continuously compounded"},
    {"dividend", TSR_REAL, "1/year", "0", -2, 2, false, false, NULL, "dividend yield, continuously compounded"},
    {"maturity", TSR_REAL, "year", "1", 0, 100, true, false, NULL, "time until exercise"},
    {"v0", TSR_REAL, "1/year", "0.010201", 0, 100, false, false, NULL, "variance of log returns today"},
    {"kappa", TSR_REAL, "1/year", "6.21", 1e-6, 1000, false, false, NULL, "speed at which the variance reverts"},
    {"theta", TSR_REAL, "1/year", "0.019", 1e-8, 100, false, false, NULL, "variance to which it reverts"},
    {"xi", TSR_REAL, "1/year", "0.61", 1e-6, 100, false, false, NULL, "volatility of the variance"},
    {"rho", TSR_REAL, "1", "-0.7", -1, 1, false, false, NULL, "correlation of the price with its variance"},
    {"steps", TSR_INTEGER, "1", "32", 1, 100000, false, false, NULL, "equal time steps until maturity"},
    {"type", TSR_CHOICE, "1", "call", 0, 0, false, false, "call|put", "the right to buy (call) or to sell (put)"},
    {.name = NULL},
};

enum { PAYOFF, TERMINAL, COLUMNS };

/* Numbers of one step. */
typedef struct {
    double mean[2];   /* m   = mean[0] + mean[1] V */
    double spread[2]; /* s^2 = spread[0] + spread[1] V */
    double slope;
    double quarter; /* (1 - rho^2) h / 4 */
    double tilt;    /* slope + quarter */
} heston_step;

typedef struct {
    double spot;   /* discounted by dividends: the mean of the discounted terminal price */
    double strike; /* discounted */
    double sign;   /* +1 for a call, -1 for a put */
    double v0;
    int64_t steps;
    heston_step step;
    tsr_field fields[COLUMNS + 1];
} heston;

static heston_step step_of(const tsr_params *given, int64_t steps) {
    const double h = tsr_params_real(given, "maturity") / (double)steps;
    const double kappa = tsr_params_real(given, "kappa"), theta = tsr_params_real(given, "theta");
    const double xi = tsr_params_real(given, "xi"), rho = tsr_params_real(given, "rho");
    const double gone = -tsr_expm1(-kappa * h), left = 1.0 - gone, noise = xi * xi * gone / kappa;
    heston_step step = {
        .mean = {theta * gone, left},
        .spread = {0.5 * theta * noise * gone, noise * left},
        .slope = rho / xi + 0.5 * h * (kappa * rho / xi - 0.5),
        .quarter = 0.25 * h * (1.0 - rho * rho),
    };
    step.tilt = step.slope + step.quarter;
    return step;
}

/* E exp(tilt V') is finite if tilt < 1 / (2 a) where V' is a (b + z)^2, and tilt < (1 - p) / m where it is exponential.
 * s^2 / m is at most noise = xi^2 (1 - exp(-kappa h)) / kappa, so that these bounds are at least 1.5 / noise and
 * 1.2 / noise; noise is twice s^2 / m at V = 0. */
static bool is_martingale(const tsr_params *given, int64_t steps) {
    const heston_step step = step_of(given, steps);
    return step.tilt * 2.0 * step.spread[0] < 1.2 * step.mean[0];
}

static tsr_status check_steps(const tsr_params *given) {
    const int64_t steps = tsr_params_integer(given, "steps");
    int64_t enough = steps;
    while (!is_martingale(given, enough)) enough *= 2;
    if (enough == steps) return TSR_OK;
    return tsr_params_fail(given, "steps",
                           "%lld steps are too long for a price that rises with its variance (rho > 0): its mean would "
                           "be infinite; %lld are short enough",
                           (long long)steps, (long long)enough);
}

static tsr_status create(const tsr_params *given, void **model) {
    TSR_TRY(check_steps(given));
    heston *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self, TSR_ERUNTIME, "no memory for the model of a Heston option");
    const double maturity = tsr_params_real(given, "maturity");
    self->spot = tsr_params_real(given, "spot") * tsr_exp(-tsr_params_real(given, "dividend") * maturity);
    self->strike = tsr_params_real(given, "strike") * tsr_exp(-tsr_params_real(given, "rate") * maturity);
    self->sign = tsr_params_choice(given, "type") == 0 ? 1.0 : -1.0;
    self->v0 = tsr_params_real(given, "v0");
    self->steps = tsr_params_integer(given, "steps");
    self->step = step_of(given, self->steps);
    self->fields[PAYOFF] = (tsr_field){.name = "payoff",
                                       .unit = "currency",
                                       .long_name = "payoff discounted to today; its mean is the option's price"};
    self->fields[TERMINAL] = (tsr_field){.name = "terminal",
                                         .unit = "currency",
                                         .long_name = "price at maturity, discounted to today",
                                         .is_control = true,
                                         .expectation = self->spot};
    *model = self;
    return TSR_OK;
}

static const tsr_field *fields_of(const void *model) { return ((const heston *)model)->fields; }

/* Path 0 drives the variance, path 1 the price. */
static tsr_demand demand(const void *model) {
    return (tsr_demand){.normals = 2 * ((const heston *)model)->steps, .paths = 2};
}

/* A block's workspace. The columns lie apart by a constant, so that compilers see that they do not overlap. */
enum { VARIANCE, NEXT, CALM, LOG_STEP, SQUARE_STEP, LOG_PRICE, SQUARE, SCRATCH_COLUMNS };
enum { BLOCK_ITEMS = 256, FACTORS_MAX = 16 };
typedef double column[BLOCK_ITEMS];

/* 2 m^2 / s^2 of what is calm. */
#define CALM_MIN (2.0 / 1.5)

static size_t workspace(const void *model, int64_t items) {
    (void)model;
    (void)items;
    return SCRATCH_COLUMNS * sizeof(column);
}

static void set_all(double value, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++) out[i] = value;
}

/* The variance a step later, as if every item were calm: those that are not get numbers without meaning. With b^2 + 1
 * called g, a is m / g. E exp(tilt V') is the exponential of tilt b^2 a / (1 - 2 tilt a) over sqrt(1 - 2 tilt a). */
static void draw_calm(heston_step step, const double *restrict z, int64_t items, column *restrict use) {
    for (int64_t i = 0; i < items; i++) {
        const double mean = fma(step.mean[1], use[VARIANCE][i], step.mean[0]);
        const double calm = 2.0 * mean * mean / fma(step.spread[1], use[VARIANCE][i], step.spread[0]);
        const double square = calm - 1.0 + sqrt(calm * (calm - 1.0));
        const double g = 1.0 + square, tilted = fma(-2.0 * step.tilt, mean, g), inverse = 1.0 / (g * tilted);
        const double sum = sqrt(square) + z[i];
        use[CALM][i] = calm;
        use[NEXT][i] = mean * tilted * inverse * (sum * sum);
        use[LOG_STEP][i] = -step.tilt * mean * square * g * inverse;
        use[SQUARE_STEP][i] = tilted * tilted * inverse;
    }
}

static int64_t count_wild(int64_t items, const double *calm) {
    int64_t wild = 0;
    for (int64_t i = 0; i < items; i++) wild += calm[i] < CALM_MIN ? 1 : 0;
    return wild;
}

/* The variance a step later of the items that are not calm. With 1 - p called q, log(q / P(Z > z)) m / q is exponential
 * where it is positive, and E exp(tilt V') is p + q^2 / (q - tilt m). */
static void draw_wild(heston_step step, const double *restrict z, int64_t items, column *restrict use) {
    for (int64_t i = 0; i < items; i++) {
        const double mean = fma(step.mean[1], use[VARIANCE][i], step.mean[0]), calm = use[CALM][i];
        const double q = 2.0 * calm / (2.0 + calm), p = (2.0 - calm) / (2.0 + calm);
        const double level = tsr_log_of_normal(q / tsr_normal_tail(z[i]));
        const double tilted = fma(-step.tilt, mean, q), ratio = tilted / fma(p, tilted, q * q);
        use[NEXT][i] = calm < CALM_MIN ? (level > 0.0 ? level * mean / q : 0.0) : use[NEXT][i];
        use[LOG_STEP][i] = calm < CALM_MIN ? 0.0 : use[LOG_STEP][i];
        use[SQUARE_STEP][i] = calm < CALM_MIN ? ratio * ratio : use[SQUARE_STEP][i];
    }
}

static void move_price(heston_step step, const double *restrict z, int64_t items, column *restrict use) {
    for (int64_t i = 0; i < items; i++) {
        const double before = use[VARIANCE][i], after = use[NEXT][i];
        const double deviation = sqrt(2.0 * step.quarter * (before + after));
        const double drift = fma(step.slope, after, fma(-step.quarter, before, use[LOG_STEP][i]));
        use[LOG_PRICE][i] += fma(deviation, z[i], drift);
        use[SQUARE][i] *= use[SQUARE_STEP][i];
        use[VARIANCE][i] = after;
    }
}

/* The product becomes a sum again before it can overflow. */
static void settle(int64_t items, column *restrict use) {
    for (int64_t i = 0; i < items; i++) {
        use[LOG_PRICE][i] += 0.5 * tsr_log_of_normal(use[SQUARE][i]);
        use[SQUARE][i] = 1.0;
    }
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const heston option = *(const heston *)model;
    column *use = tsr_workspace(draws);
    set_all(option.v0, out->items, use[VARIANCE]);
    set_all(0.0, out->items, use[LOG_PRICE]);
    set_all(1.0, out->items, use[SQUARE]);
    for (int64_t step = 0; step < option.steps; step++) {
        const double *z = tsr_normal(draws, 2 * step);
        draw_calm(option.step, z, out->items, use);
        if (count_wild(out->items, use[CALM]) > 0) draw_wild(option.step, z, out->items, use);
        move_price(option.step, tsr_normal(draws, 2 * step + 1), out->items, use);
        if (step % FACTORS_MAX == FACTORS_MAX - 1) settle(out->items, use);
    }
    settle(out->items, use);
    double *payoff = tsr_column(out, PAYOFF), *terminal = tsr_column(out, TERMINAL);
    for (int64_t i = 0; i < out->items; i++) {
        terminal[i] = option.spot * tsr_exp(use[LOG_PRICE][i]);
        const double gain = option.sign * (terminal[i] - option.strike);
        payoff[i] = gain > 0.0 ? gain : 0.0;
    }
    return TSR_OK;
}

const tsr_source tsr_source_heston = {
    .name = "heston",
    .summary = "European call or put on an asset with stochastic variance (Heston), scheme QE-M",
    .reference = "S. Heston, Rev. Financial Studies 6 (1993) 327; L. Andersen, J. Computational Finance 11, issue 3 "
                 "(2008) 1, schemes QE and QE-M",
    .params = params,
    .create = create,
    .destroy = free,
    .fields_of = fields_of,
    .workspace = workspace,
    .fill = fill,
    .demand = demand,
    .block_items = BLOCK_ITEMS,
};
