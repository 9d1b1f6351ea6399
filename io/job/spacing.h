/* Evenly spaced numbers, and numbers as the shortest text that reads back to the same double. */
#ifndef TSR_IO_SPACING_H
#define TSR_IO_SPACING_H

#include <stdint.h>

enum { TSR_NUMBER_BYTES = 32 };

/* Number `index` of `count` >= 2 numbers from first to last, both of which are met exactly.
 * linear: first + index * (last - first) / (count - 1) in double.
 * geometric: first * (last / first)^(index / (count - 1)), rounded to 15 significant digits, which makes 10 of what is
 * nearly 10 and leaves no trace of the machine's pow; first and last > 0.
 * Thread-safe, allocate nothing. May be infinite or NaN when the ends are far apart. */
double tsr_spacing_linear(double first, double last, int64_t count, int64_t index);
double tsr_spacing_geometric(double first, double last, int64_t count, int64_t index);

/* The shortest text that reads back to the same double (for normal numbers). */
typedef struct {
    char text[TSR_NUMBER_BYTES];
} tsr_number_text;

tsr_number_text tsr_number_text_make(double value);

#endif
