/* Numbers as people read them: estimates rounded to what their errors support, counts, times, sizes. */
#ifndef TSR_CLI_FORMAT_H
#define TSR_CLI_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

/* A short text as a value, so that it can be used where it is made: puts(tsr_format_count(items).text). */
typedef struct {
    char text[96];
} tsr_text;

/* All functions are thread-safe and allocate nothing; a decimal point is a point in every locale. */

/* value and standard error, the error with 2 significant digits and the value to the same place:
 * "10.4506 ± 0.0015", "(1.2346 ± 0.0012)e+12". An error of 0 shows all digits; NaN: "3.14159 ± ?". A value that is NaN
 * cannot be known: "n/a".
 * utf8: "±", else "+/-". */
tsr_text tsr_format_estimate(double value, double error, bool utf8);

/* A number that has no error: at most 10 significant digits; "n/a" for NaN. */
tsr_text tsr_format_value(double value);

/* The fewest digits that still give the same double. */
tsr_text tsr_format_shortest(double value);

tsr_text tsr_format_count(int64_t count);                     /* "100,000,000" */
tsr_text tsr_format_counted(int64_t count, const char *noun); /* "1 item", "2,000 items" */
tsr_text tsr_format_short(double count);                      /* "41.2 M": 3 digits; k, M, G, T */
tsr_text tsr_format_seconds(double seconds); /* "43 us", "4.2 ms", "1.32 s", "3 min 20 s", "2 h 05 min", "4 d 03 h" */
tsr_text tsr_format_bytes(int64_t bytes);    /* "1.5 MiB" */

/* True if the locale of the environment (LC_CTYPE) writes UTF-8. */
bool tsr_format_is_utf8(void);

#endif
