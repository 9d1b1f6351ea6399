#include "engine/arithmetic.h"

#include <fenv.h>
#include <float.h>
#include <stdbool.h>

/* Seen from what it does: on x86-64 fegetround() does not know the unit that computes. */
static bool is_standard(void) {
    volatile double one = 1.0, little = DBL_EPSILON / 16.0, least = DBL_MIN;
    const volatile double above = one + little, below = one - little, half = least * 0.5;
    const bool is_nearest = above == one && below == one, is_gradual = half != 0.0;
    return is_nearest && is_gradual && fegetround() == FE_TONEAREST;
}

void tsr_arithmetic_restore(void) {
    if (!is_standard()) fesetenv(FE_DFL_ENV);
}

tsr_status tsr_arithmetic_check(void) {
    TSR_REQUIRE(is_standard(), TSR_ERUNTIME,
                "a kernel or a library has changed how this processor rounds (rounding mode, or numbers below 2.2e-308 "
                "flushed to zero), so results would be wrong; build it without -ffast-math");
    return TSR_OK;
}
