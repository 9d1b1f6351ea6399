#include "cli/format.h"

#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXED_BELOW = -4, FIXED_ABOVE = 8, DIGITS_MAX = 17 };

static const char *sign_of_error(bool utf8) { return utf8 ? "\u00b1" : "+/-"; }

/* The power of ten of the first digit when the number is rounded to `digits` significant ones. */
static int exponent_of(double number, int digits) {
    char text[64];
    if (number == 0.0) return -400;
    snprintf(text, sizeof(text), "%.*e", digits - 1, fabs(number));
    return atoi(strchr(text, 'e') + 1);
}

/* Rounded to a multiple of 10^place, in fixed notation; no "-0". Beyond the point printf rounds, before it we do. */
static tsr_text rounded(double number, int place) {
    tsr_text out;
    double unit = place > 0 ? pow(10.0, place) : 1.0;
    if (place > 0) number = nearbyint(number / unit) * unit;
    snprintf(out.text, sizeof(out.text), "%.*f", place < 0 ? -place : 0, number);
    if (out.text[0] == '-' && strspn(out.text, "-0.") == strlen(out.text))
        memmove(out.text, out.text + 1, strlen(out.text));
    return out;
}

/* The fewest digits that give the same double again, but never 9e+01 for 90. */
static tsr_text shortest(double number, int digits_max) {
    char text[400];
    int digits = 1, power = isfinite(number) ? exponent_of(number, DIGITS_MAX) : 0;
    for (; digits < digits_max; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number) break;
    }
    if (digits <= power && power < digits_max) digits = power + 1;
    tsr_text out;
    snprintf(text, sizeof(text), "%.*g", digits, number);
    snprintf(out.text, sizeof(out.text), "%.90s", text);
    return out;
}

tsr_text tsr_format_shortest(double value) { return shortest(value, DIGITS_MAX); }

/* Both in units of 10^power, the error with two digits. */
static tsr_text pair(double value, double error, int power, bool utf8) {
    tsr_text out;
    double unit = power == 0 ? 1.0 : pow(10.0, power);
    int place = exponent_of(error, 2) - 1 - power;
    tsr_text shown = rounded(value / unit, place), error_shown = rounded(error / unit, place);
    const char *sign = sign_of_error(utf8);
    if (power == 0)
        snprintf(out.text, sizeof(out.text), "%.40s %s %.40s", shown.text, sign, error_shown.text);
    else
        snprintf(out.text, sizeof(out.text), "(%.36s %s %.36s)e%+03d", shown.text, sign, error_shown.text, power);
    return out;
}

tsr_text tsr_format_estimate(double value, double error, bool utf8) {
    tsr_text out;
    const char *sign = sign_of_error(utf8);
    if (!isfinite(value)) return tsr_format_value(value);
    if (isnan(error)) {
        snprintf(out.text, sizeof(out.text), "%.6g %s ?", value, sign);
        return out;
    }
    int value_power = exponent_of(value, DIGITS_MAX), error_power = isinf(error) ? 400 : exponent_of(error, 2);
    int power = value_power > error_power ? value_power : error_power;
    bool is_plain = error > 0.0 && power - error_power < DIGITS_MAX - 1 && power > -300 && power < 300;
    if (is_plain) return pair(value, error, power < FIXED_BELOW || power > FIXED_ABOVE ? power : 0, utf8);
    tsr_text shown = tsr_format_shortest(value), error_shown = shortest(error, 2);
    snprintf(out.text, sizeof(out.text), "%.40s %s %.40s", shown.text, sign, error_shown.text);
    return out;
}

tsr_text tsr_format_value(double value) {
    if (isnan(value)) return (tsr_text){"n/a"};
    if (fabs(value) < 1e15 && value == floor(value)) return rounded(value, 0);
    return shortest(value, 10);
}

tsr_text tsr_format_count(int64_t count) {
    tsr_text out;
    char digits[32];
    int length = snprintf(digits, sizeof(digits), "%lld", (long long)count), used = 0;
    for (int i = 0; i < length; i++) {
        bool separates = i > 0 && digits[i - 1] != '-' && (length - i) % 3 == 0;
        if (separates) out.text[used++] = ',';
        out.text[used++] = digits[i];
    }
    out.text[used] = '\0';
    return out;
}

tsr_text tsr_format_counted(int64_t count, const char *noun) {
    tsr_text out;
    snprintf(out.text, sizeof(out.text), "%.40s %.40s%s", tsr_format_count(count).text, noun, count == 1 ? "" : "s");
    return out;
}

/* Three significant digits below 1000 of the unit. */
static tsr_text scaled(double number, double step, const char *const *units, int count) {
    tsr_text out;
    int unit = 0;
    while (unit < count - 1 && number >= 999.5) {
        number /= step;
        unit++;
    }
    int decimals = unit == 0 || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
    snprintf(out.text, sizeof(out.text), "%.*f%s", decimals, number, units[unit]);
    return out;
}

tsr_text tsr_format_short(double count) {
    static const char *const units[] = {"", " k", " M", " G", " T", " P"};
    return scaled(count, 1000.0, units, 6);
}

tsr_text tsr_format_bytes(int64_t bytes) {
    static const char *const units[] = {" bytes", " KiB", " MiB", " GiB", " TiB", " PiB"};
    return scaled((double)bytes, 1024.0, units, 6);
}

tsr_text tsr_format_seconds(double seconds) {
    tsr_text out;
    long long whole = (long long)(seconds + 0.5);
    if (seconds < 1e-4)
        snprintf(out.text, sizeof(out.text), "%.0f us", seconds * 1e6);
    else if (seconds < 0.1)
        snprintf(out.text, sizeof(out.text), "%.1f ms", seconds * 1e3);
    else if (seconds < 59.95)
        snprintf(out.text, sizeof(out.text), seconds < 9.995 ? "%.2f s" : "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(out.text, sizeof(out.text), "%lld min %02lld s", whole / 60, whole % 60);
    else if (whole < 86400)
        snprintf(out.text, sizeof(out.text), "%lld h %02lld min", whole / 3600, whole % 3600 / 60);
    else
        snprintf(out.text, sizeof(out.text), "%lld d %02lld h", whole / 86400, whole % 86400 / 3600);
    return out;
}

bool tsr_format_is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }
