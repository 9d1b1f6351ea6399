/* Units as text, as UDUNITS reads them: what a product of two quantities has, and an inverse.
 * Layer 0. */
#ifndef TSR_ENGINE_UNIT_H
#define TSR_ENGINE_UNIT_H

enum { TSR_UNIT_BYTES = 64 };

/* "EUR" and "EUR" give "EUR^2", "EUR" and "m/s" give "EUR (m/s)", "1" is neutral. A name too long is cut off.
 * NULL counts as "1". Thread-safe, allocates nothing. */
void tsr_unit_product(const char *a, const char *b, char out[TSR_UNIT_BYTES]);

/* "EUR" gives "1/EUR", "m/s" gives "1/(m/s)", "1" is its own inverse. Otherwise as above. */
void tsr_unit_inverse(const char *unit, char out[TSR_UNIT_BYTES]);

#endif
