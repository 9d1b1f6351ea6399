/* The superaccumulator: a fixed-point number wide enough for every double, kept as 64-bit integers,
 * so that adding is exact and merging is integer addition: any order, any grouping, the same bits.
 * Layer 0. Idea: R. Neal, "Fast exact summation using small and large superaccumulators",
 * arXiv:1505.05571; layout and carries are our own. */
#ifndef TSR_ENGINE_EXACT_H
#define TSR_ENGINE_EXACT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TSR_EXACT_LIMBS = 68,           /* 32 payload bits each in 64: 2^-1088 .. 2^1088, 64 bits above DBL_MAX */
    TSR_EXACT_BIAS = 1088,          /* limb i weighs 2^(32 i - 1088) */
    TSR_EXACT_WORDS = 72,           /* int64 words of one accumulator */
    TSR_EXACT_FACTORS_MAX = 9,      /* factors of one exact product */
    TSR_EXACT_PENDING_MAX = 1 << 30 /* additions after which carries are passed on */
};

/* All members are counts or limbs, so that two accumulators merge by adding word by word.
 * Zeroed memory is an empty accumulator. */
typedef struct {
    int64_t limb[TSR_EXACT_LIMBS];
    int64_t pending; /* additions since the last carry pass */
    int64_t nans;
    int64_t infinities_positive;
    int64_t infinities_negative;
} tsr_exact;

_Static_assert(sizeof(tsr_exact) == TSR_EXACT_WORDS * sizeof(int64_t), "an accumulator is plain int64 words");

/* None of these functions is collective, allocates or can fail; each is thread-safe on different accumulators. */

/* Adds a double exactly; NaN and infinities are counted. */
void tsr_exact_add(tsr_exact *sum, double value);

/* Adds the exact product of 1..TSR_EXACT_FACTORS_MAX doubles. Bits below 2^-1088 are cut off toward
 * zero (a pure function of the factors); a product of 2^1056 or more counts as an infinity, so that
 * fewer than 2^63 additions of any kind cannot overflow the top limb. */
void tsr_exact_add_product(tsr_exact *sum, const double *factors, int count);

/* Adds another accumulator. */
void tsr_exact_merge(tsr_exact *sum, const tsr_exact *other);

/* Carries: the canonical form, equal words for equal numbers (limbs in [0, 2^32), the top one signed,
 * pending 0). After it, 2^31 accumulators can be added word by word without overflow. */
void tsr_exact_settle(tsr_exact *sum);

/* The nearest double, ties to even, also where it is subnormal or infinite.
 * NaN if a NaN, or infinities of both signs, were added. The accumulator need not be settled. */
double tsr_exact_round(const tsr_exact *sum);

/* True if no NaN and no infinity was added. */
bool tsr_exact_is_finite(const tsr_exact *sum);

/* The double nearest to significand * 2^exponent, ties to even, also where it is subnormal or infinite. Who has cut off
 * lower bits that are not all zero sets the last bit of a significand of at least 2^62. */
double tsr_double_nearest(uint64_t significand, int64_t exponent);

#endif
