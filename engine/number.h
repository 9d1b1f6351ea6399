/* Numbers as people write them in jobs and tables: the whole text or nothing, '.' as the decimal sign in every locale.
 * Layer 0. Grammar: [+-] digits [. digits] [e [+-] digits], or no digits on one side of the point.
 * No spaces, underscores, hexadecimals, inf or nan. */
#ifndef TSR_ENGINE_NUMBER_H
#define TSR_ENGINE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    TSR_NUMBER_OK,
    TSR_NUMBER_MALFORMED, /* not of the grammar */
    TSR_NUMBER_FRACTION,  /* not a whole number */
    TSR_NUMBER_TOO_LARGE  /* beyond the largest double, or outside int64 */
} tsr_number;

/* The nearest double. out is set only with TSR_NUMBER_OK. Thread-safe, allocates nothing. */
tsr_number tsr_number_read_real(const char *text, double *out);

/* The nearest double of the number that a longer text begins with, at a tenth of the cost: for tables. The text must
 * hold some byte that belongs to no number, such as its zero byte. False: none of the grammar begins there, or it has
 * more than 19 digits that count or an exponent beyond +-27; then ask tsr_number_read_real. end: what follows it. */
bool tsr_number_begins(const char *text, const char **end, double *out);

/* The exact integer, also where it is written with a point or an exponent: 1e8, 2.5e3, 100.0. Same conditions. */
tsr_number tsr_number_read_integer(const char *text, int64_t *out);

#endif
