#include "engine/rational.h"

#include "engine/status.h"

#include <stdbool.h>
#include <stdlib.h>

enum { LIMB_BITS = 32, TOP = TSR_EXACT_LIMBS - 1 };

/* ---- memory ---- */

/* GMP expects that an allocation succeeds, and would abort. */
static void *allocate(size_t bytes) {
    void *memory = malloc(bytes);
    if (memory == NULL) tsr_memory_failed("for exact arithmetic");
    return memory;
}

static void *reallocate(void *old, size_t old_bytes, size_t bytes) {
    (void)old_bytes;
    void *memory = realloc(old, bytes);
    if (memory == NULL) tsr_memory_failed("for exact arithmetic");
    return memory;
}

static void release(void *memory, size_t bytes) {
    (void)bytes;
    free(memory);
}

__attribute__((constructor)) static void give_memory(void) { mp_set_memory_functions(allocate, reallocate, release); }

/* ---- integers and ratios ---- */

_Static_assert(GMP_NUMB_BITS == 2 * LIMB_BITS && TSR_EXACT_LIMBS % 2 == 0, "two limbs are one of GMP");

void tsr_exact_to_integer(const tsr_exact *sum, mpz_t out) {
    tsr_exact magnitude = *sum;
    tsr_exact_settle(&magnitude);
    const bool negative = magnitude.limb[TOP] < 0;
    for (int i = 0; negative && i < TSR_EXACT_LIMBS; i++) magnitude.limb[i] = -magnitude.limb[i];
    if (negative) tsr_exact_settle(&magnitude);
    /* The top limb, up to 2^63, has bits beyond its half. */
    int words = TSR_EXACT_LIMBS / 2 + 1;
    mp_limb_t *word = mpz_limbs_write(out, words);
    for (int w = 0; w < words - 1; w++)
        word[w] = (mp_limb_t)magnitude.limb[2 * w] | (mp_limb_t)magnitude.limb[2 * w + 1] << LIMB_BITS;
    word[words - 1] = (mp_limb_t)magnitude.limb[TOP] >> LIMB_BITS;
    while (words > 0 && word[words - 1] == 0) words--;
    mpz_limbs_finish(out, negative ? -words : words);
}

double tsr_ratio_round(const mpz_t numerator, const mpz_t denominator, long exponent) {
    if (mpz_sgn(numerator) == 0) return 0;
    mpz_t quotient, remainder, divisor;
    mpz_inits(quotient, remainder, divisor, NULL);
    /* A quotient of 63 or 64 bits; what is cut off below is told by its last bit. */
    const long shift = 63 + (long)mpz_sizeinbase(denominator, 2) - (long)mpz_sizeinbase(numerator, 2);
    if (shift >= 0) {
        mpz_mul_2exp(remainder, numerator, (mp_bitcnt_t)shift);
        mpz_tdiv_qr(quotient, remainder, remainder, denominator);
    } else {
        mpz_mul_2exp(divisor, denominator, (mp_bitcnt_t)-shift);
        mpz_tdiv_qr(quotient, remainder, numerator, divisor);
    }
    const uint64_t sticky = mpz_sgn(remainder) != 0;
    const double magnitude = tsr_double_nearest(mpz_get_ui(quotient) | sticky, exponent - shift);
    mpz_clears(quotient, remainder, divisor, NULL);
    return mpz_sgn(numerator) < 0 ? -magnitude : magnitude;
}
