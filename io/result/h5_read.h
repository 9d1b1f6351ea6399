/* Small reads from HDF5: attributes and rows of integers, of files that anybody may have made. Nothing is believed:
 * only members of the file itself are opened (no soft or external links), only 64-bit integers, doubles and text of
 * fixed length are read, and no memory is taken for more than a file of its size can hold.
 * Not collective, not thread-safe. */
#ifndef TSR_IO_H5_READ_H
#define TSR_IO_H5_READ_H

#include "io/result/h5.h"

/* A text attribute of fixed length; allocates *out, to be freed by the caller. TSR_EDATA: there is none. */
tsr_status tsr_h5_read_text(hid_t object, const char *name, char **out);

/* An attribute of one integer of 64 bits. TSR_EDATA: there is none. */
tsr_status tsr_h5_read_integer(hid_t object, const char *name, int64_t *out);

/* An attribute of one double. TSR_EDATA: there is none. */
tsr_status tsr_h5_read_real(hid_t object, const char *name, double *out);

/* All `count` integers, or reals, of a variable, row-major; allocates *out, to be freed by the caller. TSR_EDATA: there
 * is no such variable, it has another number of them, or it is stored in pieces or through a filter; TSR_EIO;
 * TSR_ERUNTIME: no memory. */
tsr_status tsr_h5_read_integers(hid_t group, const char *name, int64_t count, int64_t **out);
tsr_status tsr_h5_read_reals(hid_t group, const char *name, int64_t count, double **out);

/* A group within another object. TSR_EDATA: there is none. */
tsr_status tsr_h5_open_group(hid_t object, const char *name, hid_t *out);

/* How many members a group has, and the group that is one of them, in the order in which they were made. TSR_EDATA:
 * no file of its size has so many; it is no group; TSR_EIO. */
tsr_status tsr_h5_members(hid_t group, int64_t *out);
tsr_status tsr_h5_open_member(hid_t group, int64_t index, hid_t *out);

/* A file made for that can show the same bytes at many places: takes what was read off the bytes that it can still
 * give, which are as many as it has at first. TSR_EDATA: fewer are left. */
tsr_status tsr_h5_take(int64_t bytes, int64_t *room);

#endif
