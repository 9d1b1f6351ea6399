#include "engine/designs/designs.h"

#include "engine/designs/antithetic.h"
#include "engine/designs/latin_hypercube.h"
#include "engine/designs/random.h"
#include "engine/designs/sobol.h"
#include "engine/designs/stratified.h"
#include "engine/designs/vegas.h"

const tsr_design *const tsr_designs[] = {
    &tsr_design_sobol,
    &tsr_design_latin_hypercube,
    &tsr_design_stratified,
    &tsr_design_antithetic,
    &tsr_design_vegas,
    &tsr_design_random,
    NULL,
};
