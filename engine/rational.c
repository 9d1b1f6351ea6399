#include "engine/rational.h"

#include "engine/status.h"

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

void tsr_exact_to_integer(const tsr_exact *sum, mpz_t out) {
    tsr_exact settled = *sum;
    tsr_exact_settle(&settled);
    mpz_t top;
    mpz_init_set_si(top, settled.limb[TOP]);
    mpz_mul_2exp(top, top, LIMB_BITS * TOP);
    /* Least significant limb first, each with its upper half unused. */
    mpz_import(out, TOP, -1, sizeof(int64_t), 0, LIMB_BITS, settled.limb);
    mpz_add(out, out, top);
    mpz_clear(top);
}

double tsr_ratio_round(const mpz_t numerator, const mpz_t denominator, long exponent) {
    if (mpz_sgn(numerator) == 0) return 0;
    mpz_t quotient, remainder, divisor;
    mpz_inits(quotient, remainder, divisor, NULL);
    mpz_abs(quotient, numerator);
    mpz_set(divisor, denominator);
    /* A quotient of 63 or 64 bits; what is cut off below is told by its last bit. */
    const long shift = 63 + (long)mpz_sizeinbase(divisor, 2) - (long)mpz_sizeinbase(quotient, 2);
    if (shift >= 0) {
        mpz_mul_2exp(quotient, quotient, (mp_bitcnt_t)shift);
    } else {
        mpz_mul_2exp(divisor, divisor, (mp_bitcnt_t)-shift);
    }
    mpz_tdiv_qr(quotient, remainder, quotient, divisor);
    const uint64_t sticky = mpz_sgn(remainder) != 0;
    const double magnitude = tsr_double_nearest(mpz_get_ui(quotient) | sticky, exponent - shift);
    mpz_clears(quotient, remainder, divisor, NULL);
    return mpz_sgn(numerator) < 0 ? -magnitude : magnitude;
}
