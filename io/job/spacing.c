#include "io/job/spacing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double tsr_spacing_linear(double first, double last, int64_t count, int64_t index) {
    if (index == count - 1) return last;
    return first + (double)index * (last - first) / (double)(count - 1);
}

double tsr_spacing_geometric(double first, double last, int64_t count, int64_t index) {
    if (index == 0) return first;
    if (index == count - 1) return last;
    long double fraction = (long double)index / (long double)(count - 1);
    long double value = (long double)first * powl((long double)last / (long double)first, fraction);
    char text[TSR_NUMBER_BYTES];
    snprintf(text, sizeof(text), "%.15Lg", value);
    return strtod(text, NULL);
}

/* "%g" drops the zeros at the end, so that 15 digits also write 0.1 as 0.1. */
tsr_number_text tsr_number_text_make(double value) {
    tsr_number_text number;
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(number.text, sizeof(number.text), "%.*g", digits, value);
        if (strtod(number.text, NULL) == value) break;
    }
    return number;
}
