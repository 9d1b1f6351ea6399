/* Log returns: what each column gained from one item to the next, log(x[i + 1] / x[i]). */
#include "engine/kernel.h"
#include "kernels/data/fields.h"

#include <math.h>
#include <stdlib.h>

static const tsr_param params[] = {{.name = NULL}};

static tsr_status create(const tsr_params *given, const tsr_field *in, void **model) {
    (void)given;
    tsr_field *fields = NULL;
    TSR_TRY(tsr_fields_copy(in, NULL, &fields));
    for (tsr_field *field = fields; field->name != NULL; field++) {
        field->unit = "1";
        field->long_name = "log return";
        field->is_control = false;
        field->categories = NULL;
    }
    *model = fields;
    return TSR_OK;
}

static const tsr_field *fields_of(const void *model) { return model; }

static int64_t halo(const void *model) {
    (void)model;
    return 1;
}

static bool is_price(double x) { return x > 0.0 && isfinite(x); }

/* Some return of the column cannot be right: says why of the first one. */
static tsr_status refuse(const tsr_block *in, int column, const char *name) {
    const double *price = tsr_column(in, column);
    for (int64_t i = 0; i < in->items; i++)
        TSR_REQUIRE(is_price(price[i]), TSR_EDATA,
                    "map log_return: column '%s' is %.10g at item %lld (counted from 0); a log return needs positive, "
                    "finite prices",
                    name, price[i], (long long)(in->item + i));
    int64_t i = 0;
    while (i + 2 < in->items && isfinite(tsr_log(price[i + 1] / price[i]))) i++;
    return TSR_FAIL(TSR_EDATA,
                    "map log_return: column '%s' changes by a factor that no double holds from item %lld to the next",
                    name, (long long)(in->item + i));
}

/* The ratio is rounded once (half an ulp, at most 1.1e-16 of it) and tsr_log is good to 1 ulp: the error of a small
 * return is at most 1.2e-16 by itself, not relative to the prices. */
static tsr_status apply(const void *model, const tsr_block *in, tsr_block *out) {
    const tsr_field *fields = model;
    for (int column = 0; column < out->columns; column++) {
        const double *price = tsr_column(in, column);
        double *gain = tsr_column(out, column);
        for (int64_t i = 0; i < out->items; i++) gain[i] = tsr_log(price[i + 1] / price[i]);
        bool valid = true;
        for (int64_t i = 0; i < out->items; i++) valid &= is_price(price[i]) && isfinite(gain[i]);
        if (!valid) return refuse(in, column, fields[column].name);
    }
    return TSR_OK;
}

const tsr_map tsr_map_log_return = {
    .name = "log_return",
    .summary = "log returns of prices: log(next / this), of every column",
    .reference = "continuously compounded return; one item fewer than prices",
    .params = params,
    .create = create,
    .destroy = free,
    .fields_of = fields_of,
    .halo = halo,
    .apply = apply,
};
