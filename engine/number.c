#include "engine/number.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

enum { EXPONENT_MAX = 1000000 };

/* The parts of a decimal text, borrowed from it. */
typedef struct {
    bool negative;
    const char *mantissa; /* digits and at most one point */
    const char *mantissa_end;
    const char *exponent; /* after the 'e', or NULL */
} decimal;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *skip_digits(const char *text) {
    while (is_digit(*text)) text++;
    return text;
}

static bool decimal_parse(const char *text, decimal *out) {
    out->negative = *text == '-';
    if (*text == '-' || *text == '+') text++;
    out->mantissa = text;
    text = skip_digits(text);
    int64_t digits = text - out->mantissa;
    if (*text == '.') {
        const char *fraction = text + 1;
        text = skip_digits(fraction);
        digits += text - fraction;
    }
    out->mantissa_end = text;
    out->exponent = NULL;
    if (digits == 0) return false;
    if (*text == 'e' || *text == 'E') {
        out->exponent = text + 1;
        text++;
        if (*text == '-' || *text == '+') text++;
        if (!is_digit(*text)) return false;
        text = skip_digits(text);
    }
    return *text == '\0';
}

/* ---- what most numbers are: at most 19 digits, and a power of ten that fits two words ---- */

enum {
    DIGITS_MAX = 19,  /* every such number fits 64 bits */
    POWER_MAX = 27,   /* 5^27 < 2^63 */
    EXACT_POWER = 22, /* 10^22 is a double */
    FRACTION_MAX = 64
};

__extension__ typedef unsigned __int128 wide;

/* Digits and one point, as a whole number times a power of ten. */
typedef struct {
    uint64_t digits;
    int power;
    bool fits; /* there are digits, and not too many */
} whole;

/* Returns what follows them. */
static const char *whole_read(const char *text, whole *out) {
    const char *first = text, *point = NULL;
    uint64_t digits = 0;
    while (*text == '0') text++;
    const char *begin = text;
    for (; is_digit(*text); text++) digits = 10 * digits + (uint64_t)(*text - '0');
    int64_t count = text - begin;
    bool any = text > first;
    if (*text == '.') {
        point = ++text;
        if (count == 0)
            while (*text == '0') text++;
        begin = text;
        for (; is_digit(*text); text++) digits = 10 * digits + (uint64_t)(*text - '0');
        count += text - begin;
        any |= text > point;
    }
    const int64_t fraction = point == NULL ? 0 : text - point;
    *out = (whole){.digits = digits, .fits = any && count <= DIGITS_MAX && fraction <= FRACTION_MAX};
    out->power = -(int)(fraction <= FRACTION_MAX ? fraction : 0);
    return text;
}

/* Adds what is written behind the 'e'; NULL: no digit is there. Beyond four digits all exponents are as good as one. */
static const char *exponent_add(const char *text, int *power) {
    const bool negative = *text == '-';
    int exponent = 0;
    if (*text == '-' || *text == '+') text++;
    if (!is_digit(*text)) return NULL;
    for (; is_digit(*text); text++)
        if (exponent < 1000) exponent = 10 * exponent + (*text - '0');
    *power += negative ? -exponent : exponent;
    return text;
}

static const uint64_t five[POWER_MAX + 1] = {1,
                                             5,
                                             25,
                                             125,
                                             625,
                                             3125,
                                             15625,
                                             78125,
                                             390625,
                                             1953125,
                                             9765625,
                                             48828125,
                                             244140625,
                                             1220703125,
                                             6103515625,
                                             30517578125,
                                             152587890625,
                                             762939453125,
                                             3814697265625,
                                             19073486328125,
                                             95367431640625,
                                             476837158203125,
                                             2384185791015625,
                                             11920928955078125,
                                             59604644775390625,
                                             298023223876953125,
                                             1490116119384765625,
                                             7450580596923828125};

/* digits / 10^power, rounded once: a quotient of 64 bits, of which the last also stands for all that follow. */
static double divide(uint64_t digits, int power) {
    uint64_t divisor = five[power];
    const int left = __builtin_clzll(digits), down = __builtin_clzll(divisor);
    digits <<= left;
    divisor <<= down;
    const int half = digits >= divisor; /* lest the quotient has 65 bits */
    const wide dividend = (wide)digits << (64 - half);
    const uint64_t quotient = (uint64_t)(dividend / divisor);
    const bool is_exact = (uint64_t)dividend == quotient * divisor;
    const double value = (double)(quotient | !is_exact);
    return ldexp(value, down - left - power - 64 + half);
}

/* Two exact doubles and one operation where that does: W. D. Clinger, PLDI 1990. */
static double compose(uint64_t digits, int power) {
    static const double ten[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const bool exact = digits <= UINT64_C(1) << 53;
    if (exact && power >= 0 && power <= EXACT_POWER) return (double)digits * ten[power];
    if (exact && power < 0 && power >= -EXACT_POWER) return (double)digits / ten[-power];
    if (digits == 0) return 0.0;
    if (power < 0) return divide(digits, -power);
    return ldexp((double)((wide)digits * five[power]), power);
}

bool tsr_number_begins(const char *text, const char **end, double *out) {
    const bool negative = *text == '-';
    whole number;
    if (*text == '-' || *text == '+') text++;
    text = whole_read(text, &number);
    if (!number.fits) return false;
    if (*text == 'e' || *text == 'E') text = exponent_add(text + 1, &number.power);
    if (text == NULL || number.power < -POWER_MAX || number.power > POWER_MAX) return false;
    const double value = compose(number.digits, number.power);
    *out = negative ? -value : value;
    *end = text;
    return true;
}

/* ---- any number ---- */

tsr_number tsr_number_read_real(const char *text, double *out) {
    const char *end;
    double begun;
    if (tsr_number_begins(text, &end, &begun) && *end == '\0') {
        *out = begun;
        return TSR_NUMBER_OK;
    }
    decimal parts;
    if (!decimal_parse(text, &parts)) return TSR_NUMBER_MALFORMED;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* a static object of libc: nothing is allocated */
    double value = strtod_l(text, NULL, plain);
    freelocale(plain);
    if (!isfinite(value)) return TSR_NUMBER_TOO_LARGE;
    *out = value;
    return TSR_NUMBER_OK;
}

/* The power of ten that stands after the last digit that is not zero; false if all digits are zero. */
static bool decimal_power(const decimal *parts, int64_t *power) {
    int64_t zeros = 0, fraction = 0;
    bool nonzero = false, after_point = false;
    for (const char *c = parts->mantissa; c < parts->mantissa_end; c++) {
        if (*c == '.') {
            after_point = true;
            continue;
        }
        zeros = *c == '0' ? zeros + 1 : 0;
        fraction += after_point;
        nonzero |= *c != '0';
    }
    long exponent = parts->exponent == NULL ? 0 : strtol(parts->exponent, NULL, 10);
    if (exponent > EXPONENT_MAX) exponent = EXPONENT_MAX;
    if (exponent < -EXPONENT_MAX) exponent = -EXPONENT_MAX;
    *power = exponent + zeros - fraction;
    return nonzero;
}

/* Ten times value minus digit: negative numbers reach one further than positive ones. */
static bool shift_in(int64_t *value, int digit) {
    return !__builtin_mul_overflow(*value, 10, value) && !__builtin_sub_overflow(*value, digit, value);
}

tsr_number tsr_number_read_integer(const char *text, int64_t *out) {
    decimal parts;
    if (!decimal_parse(text, &parts)) return TSR_NUMBER_MALFORMED;
    int64_t power = 0, value = 0, zeros = 0;
    if (!decimal_power(&parts, &power)) {
        *out = 0;
        return TSR_NUMBER_OK;
    }
    if (power < 0) return TSR_NUMBER_FRACTION;
    for (const char *c = parts.mantissa; c < parts.mantissa_end; c++) {
        if (*c == '.') continue;
        zeros++;
        if (*c == '0') continue; /* zeros count only when another digit follows: 1.000 */
        for (; zeros > 1; zeros--)
            if (!shift_in(&value, 0)) return TSR_NUMBER_TOO_LARGE;
        if (!shift_in(&value, *c - '0')) return TSR_NUMBER_TOO_LARGE;
        zeros = 0;
    }
    for (; power > 0; power--)
        if (!shift_in(&value, 0)) return TSR_NUMBER_TOO_LARGE;
    if (!parts.negative && __builtin_sub_overflow(0, value, &value)) return TSR_NUMBER_TOO_LARGE;
    *out = value;
    return TSR_NUMBER_OK;
}
