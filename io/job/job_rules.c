#include "io/job/job_rules.h"

#include <math.h>

const tsr_param tsr_until_rows[] = {
    {.name = "relative_error",
     .type = TSR_REAL,
     .unit = "1",
     .preset = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "standard error per value, at most"},
    {.name = "absolute_error",
     .type = TSR_REAL,
     .unit = "of the estimate",
     .preset = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "standard error, at most"},
    {.name = "ci_width",
     .type = TSR_REAL,
     .unit = "of the estimate",
     .preset = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "width of the 95 % confidence interval, at most"},
    {.name = "of",
     .type = TSR_TEXT_LIST,
     .unit = "1",
     .help = "estimates that must be so precise: mean.payoff, or mean for all columns"},
    {.name = "sum_over",
     .type = TSR_TEXT,
     .unit = "1",
     .preset = "",
     .help = "multilevel sampling: the swept parameter over whose points the estimate adds up"},
    {.name = "max_items",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "0",
     .help = "the most items, instead of `items`"},
    {.name = "max_time",
     .type = TSR_REAL,
     .unit = "s",
     .preset = "0",
     .minimum = 0,
     .maximum = INFINITY,
     .help = "stop at the first decision after so many seconds (0: never)"},
    {.name = NULL},
};

static tsr_status check_bounds(const tsr_params *params, const tsr_until *until) {
    if (until->relative_error <= 0 && until->absolute_error <= 0 && until->ci_width <= 0)
        return tsr_params_fail(params, NULL, "give relative_error, absolute_error or ci_width, greater than 0");
    return until->count > 0 ? TSR_OK : tsr_params_fail(params, "of", "name at least one estimate, e.g. mean.payoff");
}

/* A sum over levels has one estimate and one kind of bound. */
static tsr_status check_levels(const tsr_params *params, const tsr_until *until) {
    if (until->sum_over == NULL) return TSR_OK;
    if (until->count != 1 || until->ci_width > 0 || (until->relative_error > 0 && until->absolute_error > 0))
        return tsr_params_fail(params, "sum_over",
                               "a sum over levels needs one estimate (of: mean.difference) and "
                               "either an absolute_error or a relative_error");
    return TSR_OK;
}

static tsr_status keep_names(const tsr_params *params, tsr_arena *arena, tsr_until *out) {
    int64_t count;
    const char *const *names = tsr_params_texts(params, "of", &count);
    const char **kept = tsr_arena_take(arena, (size_t)count + 1, sizeof(*kept));
    for (int64_t i = 0; kept != NULL && i < count; i++) {
        kept[i] = tsr_arena_print(arena, "%s", names[i]);
        if (kept[i] == NULL) kept = NULL;
    }
    TSR_REQUIRE(kept != NULL, TSR_ERUNTIME, "no memory left for the rules of a stage");
    const char *sum_over = tsr_params_text(params, "sum_over");
    out->sum_over = *sum_over == '\0' ? NULL : tsr_arena_print(arena, "%s", sum_over);
    out->names = kept;
    out->count = (int)count;
    return TSR_OK;
}

static tsr_status read_items(const tsr_params *params, tsr_stage *out) {
    const int64_t items = tsr_params_integer(params, "max_items");
    if (tsr_params_is_default(params, "max_items")) return TSR_OK;
    if (items < 1) return tsr_params_fail(params, "max_items", "it must be at least 1");
    if (out->items > 0)
        return tsr_params_fail(params, "max_items", "the stage has items as well, which means the same; keep one");
    out->items = items;
    return TSR_OK;
}

tsr_status tsr_until_read(const tsr_setting *setting, tsr_arena *arena, tsr_stage *out) {
    tsr_params *params = NULL;
    tsr_status status = TSR_OK;
    TSR_REQUIRE(setting->kind == TSR_MAP, TSR_EUSAGE,
                "%s: until must be a map; for example until: {relative_error: 1e-3, of: mean.payoff}", setting->where);
    const tsr_binding binding = {.where = setting->where};
    TSR_TRY_OUT(tsr_params_bind(tsr_until_rows, setting, "until", &binding, &params));
    out->until = (tsr_until){.where = setting->where,
                             .relative_error = tsr_params_real(params, "relative_error"),
                             .absolute_error = tsr_params_real(params, "absolute_error"),
                             .ci_width = tsr_params_real(params, "ci_width"),
                             .max_time_s = tsr_params_real(params, "max_time")};
    TSR_TRY_OUT(keep_names(params, arena, &out->until));
    TSR_TRY_OUT(check_bounds(params, &out->until));
    TSR_TRY_OUT(check_levels(params, &out->until));
    TSR_TRY_OUT(read_items(params, out));
out:
    tsr_params_destroy(&params);
    return status;
}

static const tsr_param nonfinite_rows[] = {
    {.name = "policy",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "abort",
     .choices = "abort|skip|keep",
     .help = "of items with a column that is NaN or infinite"},
    {.name = "limit",
     .type = TSR_REAL,
     .unit = "1",
     .preset = "0.01",
     .minimum = 0,
     .maximum = 1,
     .help = "skip: the largest share of the items that may be left out"},
    {.name = NULL},
};

tsr_status tsr_nonfinite_read(const tsr_setting *setting, tsr_stage *out) {
    tsr_params *params = NULL;
    const tsr_binding binding = {.where = setting == NULL ? out->where : setting->where};
    TSR_TRY(tsr_params_bind(nonfinite_rows, setting, "nonfinite", &binding, &params));
    out->nonfinite = (tsr_nonfinite)tsr_params_choice(params, "policy");
    out->skip_share = tsr_params_real(params, "limit");
    tsr_params_destroy(&params);
    return TSR_OK;
}
