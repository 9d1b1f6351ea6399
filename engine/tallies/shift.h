/* Exact sums of powers as integers, moved to another centre without any rounding.
 * Layer 1. Formulas: docs/numerics.md. */
#ifndef TSR_ENGINE_SHIFT_H
#define TSR_ENGINE_SHIFT_H

#include "engine/exact.h"

#include <gmp.h>
#include <stddef.h>
#include <stdint.h>

/* All functions are thread-safe; integers are initialised by the caller; GMP temporaries are allocated. */

/* A sum of weights, or of weighted powers, in units of 2^-TSR_EXACT_BIAS; NULL: the count. */
void tsr_shift_read(const tsr_exact *sum, int64_t count, mpz_t out);

/* Two arrays of such integers, sums with w and sums with w^2, are brought to units of u and of u^2, with the largest u
 * = 2^-k that leaves them whole. So a ratio that has as many factors w above as below is a pure number. second NULL:
 * only first is there. */
void tsr_shift_trim(mpz_t *first, size_t first_count, mpz_t *second, size_t second_count);

/* From the sums p_k of w x^k to the sums of w (scale x + offset)^k, k = 0 .. count - 1, which stand `stride` apart. */
void tsr_shift(mpz_t *power, int count, ptrdiff_t stride, const mpz_t scale, const mpz_t offset);

#endif
