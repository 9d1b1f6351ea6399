/* The HDF5 file of a sink while it is empty: datasets of known length whose chunks have their places, so that rows can
 * be written to them without HDF5. Hides HDF5. Not collective, not thread-safe. */
#ifndef TSR_IO_ROWS_FILE_H
#define TSR_IO_ROWS_FILE_H

#include "io/sink/rows_layout.h"

enum { TSR_ROWS_JOB_CHARS = 65, TSR_ROWS_IDENTITY_CHARS = 17 };

/* By what a file is known again. */
typedef struct {
    char job[TSR_ROWS_JOB_CHARS];           /* SHA-256 of the job's text and the stage's name */
    char identity[TSR_ROWS_IDENTITY_CHARS]; /* of the delivery */
} tsr_rows_mark;

typedef struct {
    const tsr_rows_layout *layout;
    const tsr_sink_about *about;
    int64_t rows;
    tsr_rows_mark mark;
    int compression; /* 1 .. 9, or 0: none */
} tsr_rows_plan;

/* Gives the chunks of all datasets, one after the other: shuffled, and deflated unless that made them longer. */
typedef struct {
    tsr_status (*next)(void *data, int64_t number, unsigned char *out, size_t *bytes, bool *is_deflated);
    void *data;
    unsigned char *buffer; /* of the largest chunk */
} tsr_rows_chunks;

/* Rows of a chunk of a dataset: no more than there are, as datasets that cannot grow want it. */
int64_t tsr_rows_file_chunk(const tsr_rows_plan *plan, const tsr_rows_set *set);

/* Makes a file, replacing one of that name, with rows of no particular value: durable. offset [sets]: where row 0 of
 * each dataset stands, the others behind it; -1 if there are no rows. TSR_EIO. */
tsr_status tsr_rows_file_create(const char *path, const tsr_rows_plan *plan, int64_t *offset);

/* Makes a whole file of compressed chunks. TSR_EIO, or as `next` fails. */
tsr_status tsr_rows_file_pack(const char *path, const tsr_rows_plan *plan, const tsr_rows_chunks *chunks);

/* The offsets in a file that was made so. TSR_EIO: it is not such a file. */
tsr_status tsr_rows_file_find(const char *path, const tsr_rows_plan *plan, int64_t *offset);

/* The mark of a file; false, and an empty one, if there is no such file or it has none. */
bool tsr_rows_file_mark(const char *path, tsr_rows_mark *out);

/* The part of a mark that is known before anything is computed. */
void tsr_rows_mark_job(const tsr_sink_about *about, tsr_rows_mark *out);

#endif
