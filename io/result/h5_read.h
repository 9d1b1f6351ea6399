/* Small reads from HDF5: attributes and rows of integers, with a verdict about files of others.
 * Not collective, not thread-safe. */
#ifndef TSR_IO_H5_READ_H
#define TSR_IO_H5_READ_H

#include "io/result/h5.h"

/* A text attribute of fixed length; allocates *out, to be freed by the caller. TSR_EDATA: there is none. */
tsr_status tsr_h5_read_text(hid_t object, const char *name, char **out);

/* An attribute of one integer. TSR_EDATA: there is none. */
tsr_status tsr_h5_read_integer(hid_t object, const char *name, int64_t *out);

/* An attribute of one double. TSR_EDATA: there is none. */
tsr_status tsr_h5_read_real(hid_t object, const char *name, double *out);

/* All `count` integers of a variable, row-major; allocates *out, to be freed by the caller. TSR_EDATA: there is no such
 * variable, or it has another number of them; TSR_EIO; TSR_ERUNTIME: no memory. */
tsr_status tsr_h5_read_integers(hid_t group, const char *name, int64_t count, int64_t **out);

/* A group within another object. TSR_EDATA: there is none. */
tsr_status tsr_h5_open_group(hid_t object, const char *name, hid_t *out);

/* Opens the member of a group, in the order in which they were made. TSR_EIO. */
tsr_status tsr_h5_open_member(hid_t group, int64_t index, hid_t *out);
tsr_status tsr_h5_members(hid_t group, int64_t *out);

#endif
