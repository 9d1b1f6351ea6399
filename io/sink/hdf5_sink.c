#include "io/sink/hdf5_sink.h"

#include "io/lock/run_lock.h"
#include "io/result/draft.h"
#include "io/sink/rows_cells.h"
#include "io/sink/rows_file.h"
#include "io/sink/rows_packing.h"
#include "io/sink/rows_place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_ROWS_MAX = 1 << 26, PIECE_BYTES = TSR_ROWS_BYTES_MAX };

static const tsr_param params[] = {
    {.name = "file",
     .type = TSR_TEXT,
     .unit = "1",
     .help = "HDF5 file to be written, relative to where the run starts"},
    {.name = "columns", .type = TSR_TEXT_LIST, .unit = "1", .preset = "", .help = "columns to keep (default: all)"},
    {.name = "as",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "columns",
     .choices = "columns|table",
     .help = "one dataset for each column, or one for all"},
    {.name = "name", .type = TSR_TEXT, .unit = "1", .preset = "table", .help = "of the dataset of a table"},
    {.name = "shape",
     .type = TSR_REAL_LIST,
     .unit = "1",
     .preset = "",
     .help = "of a row of a table, e.g. [28, 28] for images (default: a row)"},
    {.name = "type",
     .type = TSR_CHOICE,
     .unit = "1",
     .preset = "float64",
     .choices = TSR_ROWS_TYPES,
     .help = "of the numbers; a value that does not fit ends the run"},
    {.name = "item",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "yes",
     .help = "whether the number of every row's item in its source is kept too"},
    {.name = "chunk",
     .type = TSR_INTEGER,
     .unit = "rows",
     .preset = "0",
     .minimum = 0,
     .maximum = CHUNK_ROWS_MAX,
     .help = "rows of a chunk (0: 65536, fewer if they took more than 1 MiB)"},
    {.name = "compression",
     .type = TSR_INTEGER,
     .unit = "1",
     .preset = "0",
     .minimum = 0,
     .maximum = 9,
     .help = "of chunks, shuffled and deflated: 1 (fast) to 9 (small); 0: none"},
    {.name = "replace",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "no",
     .help = "whether a file of that name is replaced"},
    {.name = NULL},
};

typedef struct {
    const tsr_params *given;
    const tsr_sink_about *about;
    tsr_rows_layout layout;
    tsr_rows_place place;
    tsr_rows_mark mark;
    bool replaces;
    int compression;
    int64_t rows;
    tsr_run_lock *lock; /* of rank 0, from open to close */
    int64_t offset[TSR_ROWS_COLUMNS_MAX + 1];
} rows_sink;

static void destroy(void *model) {
    rows_sink *self = model;
    if (self == NULL) return;
    tsr_rows_place_clear(&self->place);
    tsr_run_lock_drop(&self->lock);
    free(self);
}

static tsr_status fill_model(const tsr_params *given, const tsr_field *fields, rows_sink *self) {
    const char *file = tsr_params_text(given, "file");
    if (*file == '\0') return tsr_params_fail(given, "file", "the name of a file belongs here");
    TSR_TRY(tsr_rows_place_make(file, &self->place));
    tsr_rows_mark_job(self->about, &self->mark);
    return tsr_rows_layout_make(given, fields, &self->layout);
}

static tsr_status create(const tsr_params *given, const tsr_field *fields, const tsr_sink_about *about, void **model) {
    rows_sink *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a sink");
    self->given = given;
    self->about = about;
    self->place.file = -1;
    self->compression = (int)tsr_params_integer(given, "compression");
    self->replaces = tsr_params_boolean(given, "replace");
    const tsr_status status = fill_model(given, fields, self);
    if (status == TSR_OK)
        *model = self;
    else
        destroy(self);
    return status;
}

/* ---- what is there already ---- */

static bool is_there(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0;
}

/* Of this job, whatever has become of its input. */
static bool is_of_job(const rows_sink *self, const char *path) {
    tsr_rows_mark found;
    return tsr_rows_file_mark(path, &found) && strcmp(found.job, self->mark.job) == 0;
}

static bool is_of_delivery(const rows_sink *self, const char *path) {
    tsr_rows_mark found;
    return tsr_rows_file_mark(path, &found) && strcmp(found.job, self->mark.job) == 0 &&
           strcmp(found.identity, self->mark.identity) == 0;
}

static tsr_status check(const void *model) {
    const rows_sink *self = model;
    const char *path = self->place.path;
    TSR_TRY(tsr_draft_check(path, true));
    if (!self->replaces && is_there(path) && !is_of_job(self, path))
        return tsr_params_fail(self->given, "file", "'%.200s' is there already; take another name, or say replace: yes",
                               path);
    if (!self->replaces && is_there(self->place.part) && !is_of_job(self, self->place.part))
        return tsr_params_fail(self->given, "file",
                               "'%.200s' was left behind by another job; remove it, or say replace: yes",
                               self->place.part);
    return TSR_OK;
}

/* ---- rows ---- */

static tsr_status begin_part(rows_sink *self, const tsr_rows_plan *plan) {
    int64_t bytes = 0;
    for (int s = 0; s < self->layout.sets; s++) bytes += plan->rows * self->layout.set[s].row_bytes;
    TSR_TRY(tsr_rows_place_check(&self->place, bytes));
    tsr_status status = tsr_rows_file_create(self->place.fresh, plan, self->offset);
    if (status == TSR_OK) status = tsr_rows_place_begin(&self->place);
    if (status != TSR_OK) unlink(self->place.fresh);
    return status;
}

/* Goes on with what is there, finds that there is nothing left to do, or begins anew. */
static tsr_status find_place(rows_sink *self, const tsr_sink_rows *rows, uint64_t *is_done) {
    const tsr_rows_plan plan = {&self->layout, self->about, rows->count, self->mark, 0};
    TSR_TRY(tsr_run_lock_take(self->place.path, "sink", false, &self->lock));
    *is_done = (rows->goes_on || !self->replaces) && is_of_delivery(self, self->place.path);
    if (*is_done && is_of_delivery(self, self->place.part)) tsr_rows_place_tidy(&self->place, false);
    if (*is_done) return TSR_OK;
    if (rows->goes_on && is_of_delivery(self, self->place.part))
        return tsr_rows_file_find(self->place.part, &plan, self->offset);
    TSR_REQUIRE(!rows->goes_on, TSR_ECHECKPOINT,
                "%s is gone, or is of another run: the rows that were delivered before this run was stopped; begin "
                "the job anew",
                self->place.part);
    TSR_REQUIRE(self->replaces || !is_there(self->place.path), TSR_EUSAGE,
                "%s holds rows that this job has delivered from other input; move it away, or say replace: yes",
                self->place.path);
    return begin_part(self, &plan);
}

/* Rank 0 makes the file, and all write to it. */
static tsr_status open_rows(void *model, tsr_comm *comm, const tsr_sink_rows *rows, bool *is_there_already) {
    rows_sink *self = model;
    uint64_t is_done = 0;
    tsr_status status = TSR_OK;
    self->rows = rows->count;
    snprintf(self->mark.identity, sizeof(self->mark.identity), "%016" PRIx64, rows->identity);
    if (comm->rank == 0) status = find_place(self, rows, &is_done);
    TSR_TRY(tsr_comm_agree(comm, status));
    comm->either(comm, &is_done, 1);
    *is_there_already = is_done != 0;
    if (is_done != 0) tsr_run_lock_drop(&self->lock);
    if (is_done != 0) return TSR_OK;
    comm->broadcast(comm, self->offset, self->layout.sets * (int64_t)sizeof(*self->offset), 0);
    status = tsr_rows_place_open(&self->place);
    if (status == TSR_OK && comm->rank == 0) status = tsr_rows_place_reserve(&self->place);
    return tsr_comm_agree(comm, status);
}

static tsr_status write_set(const rows_sink *self, int s, int64_t first, const tsr_block *rows) {
    unsigned char piece[PIECE_BYTES];
    const tsr_rows_set *set = &self->layout.set[s];
    const int64_t step = PIECE_BYTES / set->row_bytes;
    for (int64_t row = 0; row < rows->items; row += step) {
        const tsr_range range = {row, row + step < rows->items ? row + step : rows->items};
        TSR_TRY(tsr_rows_pack(&self->layout, set, rows, range, piece));
        TSR_TRY(tsr_rows_place_write(&self->place, piece, (size_t)((range.end - row) * set->row_bytes),
                                     self->offset[s] + (first + row) * set->row_bytes));
    }
    return TSR_OK;
}

static tsr_status write_rows(const void *model, int64_t first, const tsr_block *rows) {
    const rows_sink *self = model;
    for (int s = 0; s < self->layout.sets; s++) TSR_TRY(write_set(self, s, first, rows));
    return TSR_OK;
}

static tsr_status sync_rows(const void *model) {
    const rows_sink *self = model;
    return tsr_rows_place_sync(&self->place);
}

static tsr_status pack(const rows_sink *self, tsr_comm *comm, int threads) {
    const tsr_rows_plan plan = {&self->layout, self->about, self->rows, self->mark, self->compression};
    const tsr_rows_packing packing = {&self->place, &plan, self->offset};
    const tsr_status status = tsr_rows_packing_run(&packing, comm, threads);
    if (status != TSR_OK && comm->rank == 0) tsr_rows_place_tidy(&self->place, true);
    return status;
}

static tsr_status publish(const rows_sink *self) {
    const char *from = self->compression > 0 ? self->place.fresh : self->place.part;
    TSR_TRY(tsr_rows_place_publish(&self->place, from, self->replaces));
    if (self->compression > 0) tsr_rows_place_tidy(&self->place, false);
    return TSR_OK;
}

static tsr_status close_rows(void *model, tsr_comm *comm, int threads) {
    rows_sink *self = model;
    TSR_TRY(tsr_comm_agree(comm, tsr_rows_place_close(&self->place)));
    if (self->compression > 0) TSR_TRY(pack(self, comm, threads));
    const tsr_status status = comm->rank == 0 ? publish(self) : TSR_OK;
    tsr_run_lock_drop(&self->lock);
    return tsr_comm_agree(comm, status);
}

const tsr_sink tsr_sink_hdf5 = {
    .name = "hdf5",
    .summary = "rows in an HDF5 file that netCDF tools read too, in the order of the items",
    .reference = "The HDF Group, HDF5 file format specification, version 3",
    .params = params,
    .create = create,
    .destroy = destroy,
    .check = check,
    .open = open_rows,
    .write = write_rows,
    .sync = sync_rows,
    .close = close_rows,
};
