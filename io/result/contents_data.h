/* The numbers of a variable between memory and an open dataset, part by part. Internal to contents_file.c. */
#ifndef TSR_IO_CONTENTS_DATA_H
#define TSR_IO_CONTENTS_DATA_H

#include "io/result/contents.h"
#include "io/result/h5.h"

/* How cells are kept in files (little-endian) and in memory. Borrowed handles of HDF5. */
hid_t tsr_cell_file_type(tsr_cell cell);
hid_t tsr_cell_memory_type(tsr_cell cell);

/* The extent of a variable; negative when HDF5 fails. To be closed by the caller. */
hid_t tsr_contents_space(const tsr_contents *contents, const tsr_entry *variable);

typedef struct {
    const tsr_contents *contents;
    int variable;
    hid_t dataset;
    hid_t transfer_list;
} tsr_data_place;

/* Writes all of a variable on the rank that has its data; the others select nothing. Every rank of the file makes the
 * same calls. TSR_EIO. */
tsr_status tsr_contents_data_write(const tsr_data_place *place);

/* Reads a variable back and compares it bit by bit. One process. TSR_EIO: cannot be read, or differs; TSR_ERUNTIME. */
tsr_status tsr_contents_data_compare(const tsr_data_place *place);

#endif
