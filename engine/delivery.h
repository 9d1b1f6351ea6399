/* The delivery: the pass in which the items of a stage go to its sink, each row to the place that it has among all.
 * Layer 5. */
#ifndef TSR_ENGINE_DELIVERY_H
#define TSR_ENGINE_DELIVERY_H

#include "engine/stage_run.h"

/* Before anything is computed: whether the sink of a stage, if it has one, may write where it is to. Not collective.
 * TSR_EUSAGE, TSR_EIO. */
tsr_status tsr_delivery_check(const tsr_bound_stage *stage);

/* Nothing without a sink. Collective; the verdict is agreed. As passes and sinks fail. */
tsr_status tsr_delivery_run(tsr_stage_run *run);

#endif
