#include "io/spacing.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

tsr_number_text tsr_number_text_make(double value) {
    tsr_number_text number;
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(number.text, sizeof(number.text), "%.*g", digits, value);
        if (strtod(number.text, NULL) == value) break;
    }
    bool is_whole = strchr(number.text, 'e') != NULL && fabs(value) >= 1 && fabs(value) < 1e15;
    if (is_whole) snprintf(number.text, sizeof(number.text), "%.15g", value);
    return number;
}
