#include "engine/sobol.h"

#include "engine/sobol_table.h"
#include "engine/status.h"
#include "engine/vmath.h"

/* How many primitive polynomials there are of degree 1, 2, ... */
enum { DEGREES = 14 };
static const int polynomials[DEGREES] = {1, 1, 2, 2, 6, 6, 18, 16, 48, 60, 176, 144, 630, 756};

static uint32_t digit_of(char c) {
    if (c >= 'A' && c <= 'Z') return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z') return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0') + 52;
    return c == '+' ? 62 : 63;
}

/* The next `count` bits of the table. */
static uint32_t take_bits(int64_t *place, int count) {
    uint32_t bits = 0;
    for (int i = 0; i < count; i++, (*place)++) {
        const int64_t digit = *place / 6;
        const char c = tsr_sobol_table[digit / TSR_SOBOL_COLUMNS][digit % TSR_SOBOL_COLUMNS];
        bits = bits << 1 | (digit_of(c) >> (5 - *place % 6) & 1);
    }
    return bits;
}

/* v_k = a_1 v_(k-1) ^ ... ^ a_(s-1) v_(k-s+1) ^ v_(k-s) ^ v_(k-s) 2^-s, after the s numbers that are given. */
static void take_polynomial(int64_t *place, int degree, tsr_directions *out) {
    uint32_t *v = out->bit;
    const uint32_t a = take_bits(place, degree - 1);
    for (int k = 0; k < degree; k++) v[k] = (2 * take_bits(place, k) + 1) << (TSR_SOBOL_BITS - 1 - k);
    for (int k = degree; k < TSR_SOBOL_BITS; k++) {
        v[k] = v[k - degree] ^ v[k - degree] >> degree;
        for (int i = 1; i < degree; i++)
            if (a >> (degree - 1 - i) & 1) v[k] ^= v[k - i];
    }
}

/* Dimension 0 has no polynomial: its points are those of van der Corput. Point n has the directions v of the bits of
 * n ^ n/2, which differs in one bit from that of n + 1: bit k of n adds two of them. */
void tsr_sobol_directions(int64_t dimensions, tsr_directions *out) {
    TSR_ASSERT(dimensions <= TSR_SOBOL_DIMENSIONS);
    int64_t done = 0, place = 0;
    for (int k = 0; k < TSR_SOBOL_BITS && done < dimensions; k++) out[0].bit[k] = UINT32_C(1) << (31 - k);
    done++;
    for (int degree = 1; degree <= DEGREES; degree++)
        for (int i = 0; i < polynomials[degree - 1] && done < dimensions; i++)
            take_polynomial(&place, degree, &out[done++]);
    for (int64_t d = 0; d < dimensions; d++)
        for (int k = TSR_SOBOL_BITS - 1; k > 0; k--) out[d].bit[k] ^= out[d].bit[k - 1];
}

tsr_directions tsr_directions_reverse(const tsr_directions *directions) {
    tsr_directions reversed = {{0}};
    for (int k = 0; k < TSR_SOBOL_BITS; k++)
        for (int bit = 0; bit < 32; bit++) reversed.bit[k] |= (directions->bit[k] >> bit & 1) << (31 - bit);
    return reversed;
}

/* The words of a block are those of its first point, of 32 patterns of the lower bits, and of 32 of the upper ones. */
enum { PATTERNS = 32, LOWER = 0, UPPER = 5, BLOCKS = 10 };

TSR_INLINE void add_bit(uint64_t step, int count, uint64_t *pattern) {
    for (int i = 0; i < count; i++) pattern[count + i] = pattern[i] ^ step;
}

/* Words are shifted up: to where a double has its digits, or not. */
TSR_INLINE void make_patterns(const uint32_t bit[5], uint64_t first, int shift, uint64_t out[PATTERNS]) {
    out[0] = first;
    add_bit((uint64_t)bit[0] << shift, 1, out);
    add_bit((uint64_t)bit[1] << shift, 2, out);
    add_bit((uint64_t)bit[2] << shift, 4, out);
    add_bit((uint64_t)bit[3] << shift, 8, out);
    add_bit((uint64_t)bit[4] << shift, 16, out);
}

static uint32_t first_of(const tsr_directions *directions, uint32_t block) {
    uint32_t word = 0;
    for (int bit = BLOCKS; block != 0; bit++, block >>= 1) word ^= block & 1 ? directions->bit[bit] : 0;
    return word;
}

void tsr_sobol_words(const tsr_directions *directions, uint32_t block, uint32_t out[TSR_SOBOL_BLOCK]) {
    uint64_t lower[PATTERNS], upper[PATTERNS];
    make_patterns(&directions->bit[LOWER], 0, 0, lower);
    make_patterns(&directions->bit[UPPER], first_of(directions, block), 0, upper);
    for (int run = 0; run < PATTERNS; run++)
        for (int i = 0; i < PATTERNS; i++) out[run * PATTERNS + i] = (uint32_t)(lower[i] ^ upper[run]);
}

void tsr_sobol_points(const tsr_directions *directions, uint32_t block, uint64_t shift, double out[TSR_SOBOL_BLOCK]) {
    uint64_t lower[PATTERNS], upper[PATTERNS];
    const uint64_t first = ((uint64_t)first_of(directions, block) << 32 ^ shift) >> 12 | 0x3ff0000000000000u;
    make_patterns(&directions->bit[LOWER], 0, 20, lower);
    make_patterns(&directions->bit[UPPER], first, 20, upper);
    for (int run = 0; run < PATTERNS; run++)
        for (int i = 0; i < PATTERNS; i++)
            out[run * PATTERNS + i] = tsr_double_from_bits(lower[i] ^ upper[run]) - (1.0 - 0x1p-53);
}
