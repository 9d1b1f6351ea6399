#include "engine/duration.h"

#include "engine/number.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { WORD_BYTES = 64 };

typedef struct {
    const char *name;
    double seconds;
} unit;

/* Larger ones first: the order in which they may follow each other. */
static const unit units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"m", 60}, {"s", 1}};
enum { UNITS = sizeof(units) / sizeof(units[0]) };

static const char *after_spaces(const char *at) {
    while (*at == ' ') at++;
    return at;
}

/* The number that `length` characters make; false also for a sign, since no duration is negative. */
static bool read_number(const char *text, size_t length, double *out) {
    char word[WORD_BYTES];
    if (length == 0 || length >= sizeof(word) || *text == '-' || *text == '+') return false;
    memcpy(word, text, length);
    word[length] = '\0';
    return tsr_number_read_real(word, out) == TSR_NUMBER_OK;
}

/* A unit after `last` in the list, by its full name; -1: none. */
static int find_unit(const char *at, size_t length, int last) {
    for (int i = last + 1; i < UNITS; i++)
        if (strlen(units[i].name) == length && strncasecmp(units[i].name, at, length) == 0) return i;
    return -1;
}

/* Numbers with units, or a number alone. */
static bool read_units(const char *at, double *out) {
    double sum = 0;
    for (int last = -1; *at || last < 0;) {
        double number = 0;
        const size_t digits = strspn(at, "0123456789.");
        if (!read_number(at, digits, &number)) return false;
        at = after_spaces(at + digits);
        const size_t letters = strcspn(at, " .0123456789");
        last = find_unit(at, letters, last);
        if (last < 0) return false;
        sum += number * units[last].seconds;
        at = after_spaces(at + letters);
    }
    *out = sum;
    return true;
}

/* Fields of digits between ':'. out [3]; the number of fields, 0: it is not such a text. */
static int read_fields(const char *at, double *out) {
    for (int fields = 0; fields < 3; at++) {
        const size_t digits = strspn(at, "0123456789");
        if (!read_number(at, digits, &out[fields++])) return 0;
        at += digits;
        if (!*at) return fields;
        if (*at != ':') return 0;
    }
    return 0;
}

/* MM:SS or HH:MM:SS. */
static bool read_clock(const char *text, double *out) {
    double field[3];
    const int fields = read_fields(text, field);
    if (fields < 2 || field[fields - 1] >= 60 || (fields == 3 && field[1] >= 60)) return false;
    *out = fields == 2 ? field[0] * 60 + field[1] : field[0] * 3600 + field[1] * 60 + field[2];
    return true;
}

/* D-HH, D-HH:MM or D-HH:MM:SS. */
static bool read_days(const char *text, const char *dash, double *out) {
    double days = 0, field[3] = {0};
    if (strspn(text, "0123456789") != (size_t)(dash - text) || !read_number(text, (size_t)(dash - text), &days))
        return false;
    if (read_fields(dash + 1, field) == 0 || field[0] >= 24 || field[1] >= 60 || field[2] >= 60) return false;
    *out = days * 86400 + field[0] * 3600 + field[1] * 60 + field[2];
    return true;
}

static bool read_any(const char *text, double *out) {
    if (read_number(text, strlen(text), out)) return true;
    const char *dash = strchr(text, '-');
    if (dash) return read_days(text, dash, out);
    return strchr(text, ':') ? read_clock(text, out) : read_units(text, out);
}

tsr_status tsr_duration_read(const char *text, const char *what, double *seconds) {
    double read = 0;
    TSR_REQUIRE(
        read_any(text, &read) && isfinite(read), TSR_EUSAGE,
        "%s: '%.40s' is not a duration; write seconds (90), units (90s, 15m, 1.5h, 2d, 1h30m), MM:SS, HH:MM:SS or "
        "D-HH:MM:SS",
        what, text);
    *seconds = read;
    return TSR_OK;
}
