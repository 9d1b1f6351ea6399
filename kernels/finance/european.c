/* A European call or put: one exact draw of the terminal price per path, no time steps. */
#include "engine/kernel.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {
    /* name, type, unit, default, minimum, maximum, minimum and maximum excluded, choices, help */
    {"spot", TSR_REAL, "currency", "100", 0, 1e12, true, false, NULL, "price of the asset today"},
    {"strike", TSR_REAL, "currency", "100", 0, 1e12, true, false, NULL, "price at which the holder may buy or sell"},
    {"rate", TSR_REAL, "1/year", "0.05", -2, 2, false, false, NULL, "riskless interest, continuously compounded"},
    {"dividend", TSR_REAL, "1/year", "0", -2, 2, false, false, NULL, "dividend yield, continuously compounded"},
    {"volatility", TSR_REAL, "1/sqrt(year)", "0.2", 0, 10, true, false, NULL, "deviation of a year's log return"},
    {"maturity", TSR_REAL, "year", "1", 0, 100, true, false, NULL, "time until exercise"},
    {"type", TSR_CHOICE, "1", "call", 0, 0, false, false, "call|put", "the right to buy (call) or to sell (put)"},
    {.name = NULL},
};

static const tsr_field fields[] = {
    {.name = "payoff", .unit = "currency", .long_name = "payoff discounted to today; its mean is the option's price"},
    {.name = NULL},
};

/* A path with normal z pays max(asset exp(deviation z) - strike, 0) of today's money. */
typedef struct {
    double asset;     /* median of the terminal price, discounted; negative for a put */
    double deviation; /* of the logarithm of the terminal price */
    double strike;    /* discounted; negative for a put */
} european;

static tsr_status create(const tsr_params *given, void **model) {
    european *option = malloc(sizeof(*option));
    TSR_REQUIRE(option, TSR_ERUNTIME, "no memory for the model of a European option");
    const double sign = tsr_params_choice(given, "type") == 0 ? 1.0 : -1.0;
    const double volatility = tsr_params_real(given, "volatility");
    const double maturity = tsr_params_real(given, "maturity");
    const double yield = tsr_params_real(given, "dividend") + 0.5 * volatility * volatility;
    *option = (european){
        .asset = sign * tsr_params_real(given, "spot") * tsr_exp(-yield * maturity),
        .deviation = volatility * sqrt(maturity),
        .strike = sign * tsr_params_real(given, "strike") * tsr_exp(-tsr_params_real(given, "rate") * maturity),
    };
    *model = option;
    return TSR_OK;
}

static tsr_demand demand(const void *model) {
    (void)model;
    return (tsr_demand){.normals = 1};
}

static tsr_status fill(const void *model, tsr_draws *draws, tsr_block *out) {
    const european option = *(const european *)model;
    const double *z = tsr_normal(draws, 0);
    double *payoff = tsr_column(out, 0);
    for (int64_t i = 0; i < out->items; i++) {
        const double gain = fma(option.asset, tsr_exp(option.deviation * z[i]), -option.strike);
        payoff[i] = gain > 0.0 ? gain : 0.0;
    }
    return TSR_OK;
}

const tsr_source tsr_source_european = {
    .name = "european",
    .summary = "European call or put on a lognormal asset: payoff, discounted to today",
    .reference = "F. Black and M. Scholes, J. Political Economy 81 (1973) 637; P. Glasserman, Monte Carlo Methods in "
                 "Financial Engineering (2004), eq. 1.4",
    .params = params,
    .create = create,
    .destroy = free,
    .fields = fields,
    .fill = fill,
    .demand = demand,
};
