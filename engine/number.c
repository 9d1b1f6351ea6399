#include "engine/number.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
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

tsr_number tsr_number_read_real(const char *text, double *out) {
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
