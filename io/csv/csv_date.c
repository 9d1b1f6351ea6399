#include "io/csv/csv_date.h"

#include <stdint.h>

enum { FRACTION_DIGITS_MAX = 9, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* What is left to read. */
typedef struct {
    const char *at;
    const char *end;
} rest;

static bool is_digit(const rest *text) { return text->at < text->end && *text->at >= '0' && *text->at <= '9'; }

static bool take(rest *text, char c) {
    const bool is_there = text->at < text->end && *text->at == c;
    text->at += is_there;
    return is_there;
}

/* Exactly so many digits, of a number from least to most. */
static bool take_number(rest *text, int digits, int least, int most, int *out) {
    *out = 0;
    for (int i = 0; i < digits; i++) {
        if (!is_digit(text)) return false;
        *out = 10 * *out + (*text->at++ - '0');
    }
    return *out >= least && *out <= most;
}

static int days_of_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leaps);
}

/* Days since 1970-01-01: whole years, then whole months. */
static int64_t days_since_1970(int year, int month, int day) {
    const int64_t before = year - 1;
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162 + day - 1;
    for (int i = 1; i < month; i++) days += days_of_month(year, i);
    return days;
}

static bool take_date(rest *text, int64_t *days) {
    int year, month, day;
    if (!take_number(text, 4, 1, 9999, &year)) return false;
    const char stroke = text->at < text->end && *text->at == '/' ? '/' : '-';
    if (!take(text, stroke) || !take_number(text, 2, 1, 12, &month)) return false;
    if (!take(text, stroke) || !take_number(text, 2, 1, days_of_month(year, month), &day)) return false;
    *days = days_since_1970(year, month, day);
    return true;
}

/* Digits after the point, as a count of 10^-9 s; more of them are refused. */
static bool take_fraction(rest *text, int64_t *nanoseconds) {
    int digits = 0;
    *nanoseconds = 0;
    for (; is_digit(text) && digits < FRACTION_DIGITS_MAX; digits++)
        *nanoseconds = 10 * *nanoseconds + (*text->at++ - '0');
    for (int i = digits; i < FRACTION_DIGITS_MAX; i++) *nanoseconds *= 10;
    return digits > 0;
}

static bool take_time(rest *text, int64_t *seconds, int64_t *nanoseconds) {
    int hour, minute, second = 0;
    if (!take_number(text, 2, 0, 23, &hour) || !take(text, ':') || !take_number(text, 2, 0, 59, &minute)) return false;
    if (take(text, ':')) {
        if (!take_number(text, 2, 0, 59, &second)) return false;
        if (take(text, '.') && !take_fraction(text, nanoseconds)) return false;
    }
    *seconds += hour * HOUR_S + minute * MINUTE_S + second;
    return true;
}

/* Z, +01:00 or +0100; or nothing. */
static bool take_zone(rest *text, int64_t *seconds) {
    int hours, minutes;
    if (text->at == text->end || take(text, 'Z')) return true;
    const bool is_west = take(text, '-');
    if (!is_west && !take(text, '+')) return false;
    if (!take_number(text, 2, 0, 14, &hours)) return false;
    take(text, ':');
    if (!take_number(text, 2, 0, 59, &minutes)) return false;
    const int64_t shift = hours * HOUR_S + minutes * MINUTE_S;
    *seconds += is_west ? shift : -shift;
    return true;
}

bool tsr_csv_date_read(const char *begin, const char *end, double *seconds) {
    rest text = {begin, end};
    int64_t days, whole = 0, nanoseconds = 0;
    if (!take_date(&text, &days)) return false;
    if (text.at < text.end) {
        if (!take(&text, 'T') && !take(&text, ' ')) return false;
        if (!take_time(&text, &whole, &nanoseconds) || !take_zone(&text, &whole)) return false;
    }
    *seconds = (double)(days * DAY_S + whole) + (double)nanoseconds / 1e9;
    return text.at == text.end;
}
