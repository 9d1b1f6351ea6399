/* Words and numbers that an HDF5 file tells about its datasets: attributes, labels, names of axes. Nothing is believed:
 * sizes are looked at before memory is taken, and text becomes printable.
 * HDF5 is called: under the lock of hdf5_lock.h. */
#ifndef TSR_IO_HDF5_TEXT_H
#define TSR_IO_HDF5_TEXT_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

enum { TSR_HDF5_TEXT_BYTES = 201 };

/* At most TSR_HDF5_TEXT_BYTES - 1 bytes of printable UTF-8: what is none becomes '?', what is longer is cut off, blanks
 * at the end are left out. */
void tsr_hdf5_printable(const char *text, size_t bytes, char out[TSR_HDF5_TEXT_BYTES]);

/* A text attribute. False: there is none, or it is empty. */
bool tsr_hdf5_attribute_text(hid_t object, const char *name, char out[TSR_HDF5_TEXT_BYTES]);

/* An attribute of one or a few numbers: how many there are, 0 if there is none or if there are more than `most`. */
int tsr_hdf5_attribute_numbers(hid_t object, const char *name, int most, double *out);

/* A list of `count` words, as an attribute or as a 1-D dataset of text: out [count], each to be freed. False: it is not
 * one, or memory is missing. */
bool tsr_hdf5_attribute_words(hid_t object, const char *name, int64_t count, char **out);
bool tsr_hdf5_dataset_words(hid_t dataset, int64_t count, char **out);

#endif
