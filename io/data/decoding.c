#include "io/data/decoding.h"

#include <math.h>

tsr_decoding tsr_decoding_none(void) {
    return (tsr_decoding){.minimum = -INFINITY, .maximum = INFINITY, .scale = 1, .offset = 0};
}

bool tsr_decoding_add_missing(tsr_decoding *decoding, double missing) {
    if (isnan(missing)) return true;
    for (int i = 0; i < decoding->missing_count; i++)
        if (decoding->missing[i] == missing) return true;
    if (decoding->missing_count == TSR_MISSING_MAX) return false;
    decoding->missing[decoding->missing_count++] = missing;
    decoding->is_checked = true;
    return true;
}

static void blank(double missing, int64_t count, double *values) {
    for (int64_t i = 0; i < count; i++) values[i] = values[i] == missing ? NAN : values[i];
}

static void bound(double minimum, double maximum, int64_t count, double *values) {
    for (int64_t i = 0; i < count; i++) values[i] = values[i] >= minimum && values[i] <= maximum ? values[i] : NAN;
}

void tsr_decoding_apply(const tsr_decoding *decoding, int64_t count, double *values) {
    for (int m = 0; m < decoding->missing_count; m++) blank(decoding->missing[m], count, values);
    if (decoding->is_checked) bound(decoding->minimum, decoding->maximum, count, values);
    for (int64_t i = 0; decoding->is_scaled && i < count; i++)
        values[i] = values[i] * decoding->scale + decoding->offset;
}
