#include "engine/exact.h"

#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum {
    LIMB_BITS = 32,
    TOP = TSR_EXACT_LIMBS - 1, /* the only signed limb of a settled accumulator; additions reach up to the one below */
    FRACTION_BITS = 52,
    EXPONENT_MASK = 0x7ff,
    EXPONENT_MIN = -1074, /* weight of the last bit of a double */
    EXPONENT_MAX = 1023,  /* weight of the first bit of a double */
    PRODUCT_WORDS = (TSR_EXACT_FACTORS_MAX * 53) / 64 + 1
};
static const uint64_t LIMB_MASK = 0xffffffff;
static const uint64_t FRACTION_MASK = (UINT64_C(1) << FRACTION_BITS) - 1;

_Static_assert((-1 >> 1) == -1, "carries are floors: shifts to the right keep the sign");

/* A finite double: (-1)^negative * significand * 2^exponent. */
typedef struct {
    uint64_t significand;
    int exponent;
    int negative;
} parts;

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static bool is_special(uint64_t bits) { return (bits >> FRACTION_BITS & EXPONENT_MASK) == EXPONENT_MASK; }

static parts parts_of(uint64_t bits) {
    const uint64_t biased = bits >> FRACTION_BITS & EXPONENT_MASK;
    const uint64_t normal = biased != 0;
    return (parts){.significand = (bits & FRACTION_MASK) | normal << FRACTION_BITS,
                   .exponent = EXPONENT_MIN - 1 + (int)(biased + !normal),
                   .negative = (int)(bits >> 63)};
}

static void count_special(tsr_exact *sum, double value) {
    sum->nans += isnan(value) != 0;
    sum->infinities_positive += value == INFINITY;
    sum->infinities_negative += value == -INFINITY;
}

/* Every addition changes a limb by less than 2^32, so 2^30 of them stay far from overflow. */
static void count_addition(tsr_exact *sum) {
    if (++sum->pending >= TSR_EXACT_PENDING_MAX) tsr_exact_settle(sum);
}

/* mask: 0 keeps the sign, -1 changes it. */
static int64_t signed_limb(uint64_t magnitude, int64_t mask) { return ((int64_t)magnitude ^ mask) - mask; }

void tsr_exact_add(tsr_exact *sum, double value) {
    const uint64_t bits = bits_of(value);
    if (is_special(bits)) {
        count_special(sum, value);
        return;
    }
    const parts part = parts_of(bits);
    const unsigned position = (unsigned)(part.exponent + TSR_EXACT_BIAS);
    const int64_t mask = -(int64_t)part.negative;
    const wide shifted = (wide)part.significand << position % LIMB_BITS;
    int64_t *limb = sum->limb + position / LIMB_BITS;
    limb[0] += signed_limb((uint64_t)shifted & LIMB_MASK, mask);
    limb[1] += signed_limb((uint64_t)shifted >> LIMB_BITS, mask);
    limb[2] += signed_limb((uint64_t)(shifted >> 2 * LIMB_BITS), mask);
    count_addition(sum);
}

/* word *= factor; returns the number of words in use. */
static int multiply(uint64_t *word, int words, uint64_t factor) {
    uint64_t carry = 0;
    for (int w = 0; w < words; w++) {
        const wide product = (wide)word[w] * factor + carry;
        word[w] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    if (carry != 0) word[words++] = carry;
    return words;
}

/* word >>= bits, cutting off; returns the number of words in use. */
static int shift_right(uint64_t *word, int words, int bits) {
    const int skip = bits / 64;
    for (int w = 0; w + skip < words; w++) {
        const uint64_t above = w + skip + 1 < words ? word[w + skip + 1] : 0;
        word[w] = (uint64_t)(((wide)above << 64 | word[w + skip]) >> bits % 64);
    }
    return words > skip ? words - skip : 0;
}

static int bit_length(uint64_t value) {
    int length = 0;
    for (; value != 0; value >>= 1) length++;
    return length;
}

/* Bits of different words never meet in a limb, so that this is one addition. */
static void add_words(tsr_exact *sum, const uint64_t *word, int words, int position, int negative) {
    const int64_t mask = -(int64_t)negative;
    int64_t *limb = sum->limb + position / LIMB_BITS;
    uint64_t carry = 0;
    for (int w = 0; w < words; w++) {
        const wide shifted = (wide)word[w] << position % LIMB_BITS | carry;
        *limb++ += signed_limb((uint64_t)shifted & LIMB_MASK, mask);
        *limb++ += signed_limb((uint64_t)shifted >> LIMB_BITS, mask);
        carry = (uint64_t)(shifted >> 2 * LIMB_BITS);
    }
    if (carry != 0) *limb += signed_limb(carry, mask);
    count_addition(sum);
}

/* What IEEE 754 says of a product with a NaN or an infinity in it, without its overflows and underflows. */
static double special_product(const double *factors, int count) {
    double product = 1;
    for (int f = 0; f < count; f++) {
        const bool plain = isfinite(factors[f]) && factors[f] != 0;
        product *= plain ? copysign(1, factors[f]) : factors[f];
    }
    return product;
}

/* Two factors whose product lies well inside: nearly all that are ever multiplied. False: it does not. */
static bool add_two(tsr_exact *sum, const double factors[2]) {
    const uint64_t first = bits_of(factors[0]), second = bits_of(factors[1]);
    if (is_special(first) || is_special(second)) return false;
    const parts a = parts_of(first), b = parts_of(second);
    const int position = a.exponent + b.exponent + TSR_EXACT_BIAS, shift = (int)((unsigned)position % LIMB_BITS);
    if (position < 0 || position / LIMB_BITS > TOP - 5) return false;
    const int64_t mask = -(int64_t)(a.negative ^ b.negative);
    const wide product = (wide)a.significand * b.significand; /* 106 bits */
    const wide low = product << shift;
    int64_t *limb = sum->limb + position / LIMB_BITS;
    limb[0] += signed_limb((uint64_t)low & LIMB_MASK, mask);
    limb[1] += signed_limb((uint64_t)low >> LIMB_BITS, mask);
    limb[2] += signed_limb((uint64_t)(low >> 2 * LIMB_BITS) & LIMB_MASK, mask);
    limb[3] += signed_limb((uint64_t)(low >> 3 * LIMB_BITS), mask);
    limb[4] += signed_limb((uint64_t)(product >> 64 >> (64 - shift)), mask);
    count_addition(sum);
    return true;
}

void tsr_exact_add_product(tsr_exact *sum, const double *factors, int count) {
    if (count == 2 && add_two(sum, factors)) return;
    uint64_t word[PRODUCT_WORDS]; /* only the first `words` are ever read */
    int words = 1, position = TSR_EXACT_BIAS, negative = 0;
    word[0] = 1;
    for (int f = 0; f < count; f++) {
        const uint64_t bits = bits_of(factors[f]);
        if (is_special(bits)) {
            count_special(sum, special_product(factors, count));
            return;
        }
        const parts part = parts_of(bits);
        words = multiply(word, words, part.significand);
        position += part.exponent;
        negative ^= part.negative;
    }
    if (position < 0) {
        words = shift_right(word, words, -position);
        position = 0;
    }
    while (words > 0 && word[words - 1] == 0) words--;
    if (words == 0) return;
    const int room = TOP * LIMB_BITS - position - 64 * (words - 1); /* bits that the last word may have */
    if (room < 64 && (room < 0 || word[words - 1] >> room != 0)) {
        count_special(sum, negative ? -INFINITY : INFINITY);
        return;
    }
    add_words(sum, word, words, position, negative);
}

void tsr_exact_merge(tsr_exact *sum, const tsr_exact *other) {
    /* What lies settled in other counts as one addition more. */
    if (sum->pending + other->pending + 1 >= TSR_EXACT_PENDING_MAX) tsr_exact_settle(sum);
    for (int i = 0; i < TSR_EXACT_LIMBS; i++) sum->limb[i] += other->limb[i];
    sum->pending += other->pending + 1;
    sum->nans += other->nans;
    sum->infinities_positive += other->infinities_positive;
    sum->infinities_negative += other->infinities_negative;
}

void tsr_exact_settle(tsr_exact *sum) {
    int64_t carry = 0;
    for (int i = 0; i < TOP; i++) {
        const int64_t limb = sum->limb[i] + carry;
        sum->limb[i] = limb & (int64_t)LIMB_MASK;
        carry = limb >> LIMB_BITS;
    }
    sum->limb[TOP] += carry;
    sum->pending = 0;
}

double tsr_double_nearest(uint64_t significand, int64_t exponent) {
    const int64_t highest = exponent + bit_length(significand) - 1;
    if (significand == 0) return 0;
    if (highest > EXPONENT_MAX) return INFINITY;
    const int64_t last = highest - FRACTION_BITS > EXPONENT_MIN ? highest - FRACTION_BITS : EXPONENT_MIN;
    const int64_t cut = last - exponent;
    if (cut > 64) return 0;
    uint64_t kept;
    if (cut > 0) {
        const wide rest = significand & (((wide)1 << cut) - 1);
        const wide half = (wide)1 << (cut - 1);
        kept = (uint64_t)((wide)significand >> cut);
        kept += rest > half || (rest == half && (kept & 1));
    } else {
        kept = significand << -cut;
    }
    /* The leading bit of a normal number, and a carry out of the rounding, move the exponent field by one. */
    return double_of(((uint64_t)(last - EXPONENT_MIN) << FRACTION_BITS) + kept);
}

/* Of a settled accumulator that is not negative. */
static double round_magnitude(const tsr_exact *sum) {
    int top = TOP;
    while (top >= 0 && sum->limb[top] == 0) top--;
    if (top < 0) return 0;
    if (top == TOP) return INFINITY;
    const uint64_t second = top >= 1 ? (uint64_t)sum->limb[top - 1] : 0;
    const uint64_t third = top >= 2 ? (uint64_t)sum->limb[top - 2] : 0;
    const wide leading = (wide)(uint64_t)sum->limb[top] << 2 * LIMB_BITS | second << LIMB_BITS | third;
    const int cut = bit_length((uint64_t)sum->limb[top]);
    uint64_t sticky = (leading & (((wide)1 << cut) - 1)) != 0;
    for (int i = 0; i < top - 2; i++) sticky |= sum->limb[i] != 0;
    return tsr_double_nearest((uint64_t)(leading >> cut) | sticky, LIMB_BITS * (top - 2) - TSR_EXACT_BIAS + cut);
}

double tsr_exact_round(const tsr_exact *sum) {
    if (sum->nans > 0 || (sum->infinities_positive > 0 && sum->infinities_negative > 0)) return NAN;
    if (sum->infinities_positive > 0) return INFINITY;
    if (sum->infinities_negative > 0) return -INFINITY;
    tsr_exact magnitude = *sum;
    tsr_exact_settle(&magnitude);
    const bool negative = magnitude.limb[TOP] < 0;
    if (negative) {
        for (int i = 0; i < TSR_EXACT_LIMBS; i++) magnitude.limb[i] = -magnitude.limb[i];
        tsr_exact_settle(&magnitude);
    }
    return negative ? -round_magnitude(&magnitude) : round_magnitude(&magnitude);
}

bool tsr_exact_is_finite(const tsr_exact *sum) {
    return sum->nans == 0 && sum->infinities_positive == 0 && sum->infinities_negative == 0;
}
