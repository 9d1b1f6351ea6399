#include "engine/designs/random.h"

static const tsr_param params[] = {TSR_PARAM_REPLICATES, {.name = NULL}};

static tsr_status create(const tsr_params *given, const tsr_demand *demand, const tsr_stream *stream, void **model) {
    (void)given, (void)demand, (void)stream;
    *model = NULL;
    return TSR_OK;
}

static void destroy(void *model) { (void)model; }

const tsr_design tsr_design_random = {
    .name = "random",
    .summary = "independent items: the same numbers as without a design, but error bars from replicates",
    .reference = "S. Asmussen and P. Glynn, Stochastic Simulation (2007), III.4",
    .params = params,
    .group_items = TSR_GROUP_ITEMS,
    .create = create,
    .destroy = destroy,
};
