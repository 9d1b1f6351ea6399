/* What stored numbers mean, by the conventions of netCDF: which of them stand for missing values, which are out of
 * range, and by what they are scaled. All of that is told in terms of the numbers as they are stored.
 * Source: NetCDF Users' Guide, appendix A (attribute conventions); CF-1.10, 2.5.1 and 8.1. Pure; thread-safe. */
#ifndef TSR_IO_DECODING_H
#define TSR_IO_DECODING_H

#include <stdbool.h>
#include <stdint.h>

enum { TSR_MISSING_MAX = 32 };

typedef struct {
    double missing[TSR_MISSING_MAX]; /* numbers that mean none */
    int missing_count;
    double minimum; /* of what is valid; -INFINITY: none */
    double maximum;
    double scale; /* value = stored * scale + offset, each rounded to a double */
    double offset;
    bool is_scaled;
    bool is_checked; /* there is something to look for */
} tsr_decoding;

/* Takes every number as it is. */
tsr_decoding tsr_decoding_none(void);

/* Adds a number that means none; false: there are too many. One that is NaN needs no telling. */
bool tsr_decoding_add_missing(tsr_decoding *decoding, double missing);

/* Replaces stored numbers by what they mean: NaN where there is none. */
void tsr_decoding_apply(const tsr_decoding *decoding, int64_t count, double *values);

#endif
