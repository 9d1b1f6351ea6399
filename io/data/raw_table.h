/* Numbers that lie in files at places which can be told in advance (NumPy, netCDF-3), as one table of columns: bytes
 * are read with pread, and become doubles. Immutable once it is made. */
#ifndef TSR_IO_RAW_TABLE_H
#define TSR_IO_RAW_TABLE_H

#include "engine/block.h"
#include "io/data/convert.h"
#include "io/data/decoding.h"
#include "io/data/files.h"
#include "io/data/open_files.h"

enum { TSR_RAW_COLUMNS_MAX = 65536, TSR_RAW_RANK_MAX = 32 };

/* Where the rows of a lane lie in one file: row r at begin + (r / run) * hop + (r % run) * step. */
typedef struct {
    int64_t begin;
    int64_t run; /* rows that follow each other, at least 1 */
    int64_t hop; /* bytes from one run to the next */
    int64_t step;
} tsr_raw_lane;

/* Values side by side in a row of a lane, that are columns side by side. */
typedef struct {
    int lane;
    size_t offset; /* of the first, bytes within the lane's row */
    tsr_stored_number number;
    int64_t count;
    int column; /* the first */
    tsr_decoding decoding;
} tsr_raw_strip;

/* A column that tells where along an axis of a shape a row lies; rows run along the last axis first. */
typedef struct {
    int column;
    int axis;
} tsr_raw_coordinate;

/* The shape of a file's cells, and where they are. */
typedef struct {
    int rank;
    int64_t extent[TSR_RAW_RANK_MAX];
    double *along[TSR_RAW_RANK_MAX]; /* [extent], or NULL: indices */
} tsr_raw_shape;

typedef struct {
    tsr_files files;
    tsr_open_files *open;
    int lanes;
    tsr_raw_lane *lane; /* [files, lanes] */
    size_t *width;      /* [lanes] bytes of a row that are of use */
    int strips;
    tsr_raw_strip *strip; /* once arranged: those of a lane behind each other */
    int *first;           /* [lanes + 1] strips of lanes before it */
    int coordinates;
    tsr_raw_coordinate *coordinate;
    tsr_raw_shape *shape; /* [files], where there are coordinates */
    int columns;
    tsr_field *fields; /* [columns + 1] with texts that are owned */
} tsr_raw_table;

void tsr_raw_table_destroy(tsr_raw_table *table); /* accepts NULL */

/* Adds a column; texts are copied. TSR_ERUNTIME: no memory. */
tsr_status tsr_raw_table_add_field(tsr_raw_table *table, const char *name, const char *unit, const char *long_name);

/* Adds a value of a lane as the next column, to the strip before if it lies next to it. TSR_ERUNTIME: no memory. */
tsr_status tsr_raw_table_add_value(tsr_raw_table *table, const tsr_raw_strip *value);

/* To be called when all values have been added. TSR_ERUNTIME: no memory. */
tsr_status tsr_raw_table_arrange(tsr_raw_table *table);

/* Bytes of a thread's workspace, which must be zero at first. */
size_t tsr_raw_table_workspace(const tsr_raw_table *table);

/* Fills a block: its rows, all columns. Thread-safe with a workspace for each thread; allocates nothing. TSR_EDATA: the
 * file has changed, or cannot be read. */
tsr_status tsr_raw_table_fill(const tsr_raw_table *table, void *workspace, const tsr_block *out);

#endif
