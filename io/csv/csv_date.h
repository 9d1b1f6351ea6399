/* Dates and times as tables have them (ISO 8601, and with strokes): 2001-01-31, 2001/01/31, 2001-01-31 12:30,
 * 2001-01-31T12:30:05.25Z, 2001-01-31 12:30+01:00. Without a zone they are taken as UTC.
 * Thread-safe, allocates nothing. */
#ifndef TSR_IO_CSV_DATE_H
#define TSR_IO_CSV_DATE_H

#include <stdbool.h>

#define TSR_CSV_DATE_UNIT "seconds since 1970-01-01"

/* Seconds since 1970-01-01 00:00 UTC, by the Gregorian calendar, without leap seconds. False: the characters
 * begin..end are no date of the years 1 to 9999. */
bool tsr_csv_date_read(const char *begin, const char *end, double *seconds);

#endif
