#include "engine/designs/designs.h"

#include "engine/designs/antithetic.h"
#include "engine/designs/random.h"

const tsr_design *const tsr_designs[] = {
    &tsr_design_random,
    &tsr_design_antithetic,
    NULL,
};
