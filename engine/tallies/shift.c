#include "engine/tallies/shift.h"

#include "engine/rational.h"

void tsr_shift_read(const tsr_exact *sum, int64_t count, mpz_t out) {
    if (sum != NULL) {
        tsr_exact_to_integer(sum, out);
    } else {
        mpz_set_si(out, count);
        mpz_mul_2exp(out, out, TSR_EXACT_BIAS);
    }
}

/* Zero bits at the end that all have in common; a zero has any number of them. */
static mp_bitcnt_t trailing_zeros(mpz_t *value, size_t count) {
    mp_bitcnt_t least = TSR_EXACT_BIAS;
    for (size_t i = 0; i < count; i++) {
        const mp_bitcnt_t zeros = mpz_scan1(value[i], 0);
        if (mpz_sgn(value[i]) != 0 && zeros < least) least = zeros;
    }
    return least;
}

void tsr_shift_trim(mpz_t *first, size_t first_count, mpz_t *second, size_t second_count) {
    const mp_bitcnt_t own = trailing_zeros(first, first_count);
    const mp_bitcnt_t other = (trailing_zeros(second, second_count) + TSR_EXACT_BIAS) / 2;
    const mp_bitcnt_t cut = own < other ? own : other;
    for (size_t i = 0; i < first_count; i++) mpz_fdiv_q_2exp(first[i], first[i], cut);
    for (size_t i = 0; i < second_count; i++) {
        mpz_mul_2exp(second[i], second[i], TSR_EXACT_BIAS);
        mpz_fdiv_q_2exp(second[i], second[i], 2 * cut);
    }
}

/* With E p_k = p_(k+1), the sum of w (scale x + offset)^k is (scale E + offset)^k p_0. One factor after the other is
 * applied to all powers that still need it, from the highest down, so that each finds its lower neighbour as it was. */
void tsr_shift(mpz_t *power, int count, ptrdiff_t stride, const mpz_t scale, const mpz_t offset) {
    for (int factor = 1; factor < count; factor++)
        for (ptrdiff_t k = count - 1; k >= factor; k--) {
            mpz_mul(power[k * stride], power[k * stride], scale);
            mpz_addmul(power[k * stride], power[(k - 1) * stride], offset);
        }
}
