#include "io/sink/hdf5_sink.h"

#include "io/sink/rows_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_ROWS = 65536, CHUNK_ROWS_MAX = 1 << 26, COLUMNS_MAX = 1024 };

static const tsr_param params[] = {
    {.name = "file",
     .type = TSR_TEXT,
     .unit = "1",
     .help = "HDF5 file to be written, relative to where the run starts"},
    {.name = "columns", .type = TSR_TEXT_LIST, .unit = "1", .preset = "", .help = "columns to keep (default: all)"},
    {.name = "chunk",
     .type = TSR_INTEGER,
     .unit = "rows",
     .preset = "65536",
     .minimum = 1,
     .maximum = CHUNK_ROWS_MAX,
     .help = "rows of a chunk"},
    {.name = "replace",
     .type = TSR_BOOLEAN,
     .unit = "1",
     .preset = "no",
     .help = "whether a file of that name is replaced"},
    {.name = NULL},
};

typedef struct {
    char *path;
    char *part; /* the name until all rows are there */
    int64_t chunk_rows;
    int columns;
    int index[COLUMNS_MAX];
    const tsr_field *field[COLUMNS_MAX];
    int64_t offset[COLUMNS_MAX]; /* of row 0 in the file */
    int descriptor;              /* -1: not open */
} rows_sink;

static void destroy(void *model) {
    rows_sink *self = model;
    if (self == NULL) return;
    if (self->descriptor >= 0) close(self->descriptor);
    free(self->path);
    free(self->part);
    free(self);
}

/* ---- before anything is computed ---- */

static tsr_status find_field(const tsr_params *given, const tsr_field *fields, const char *name, int *out) {
    for (*out = 0; fields[*out].name != NULL; ++*out)
        if (strcmp(fields[*out].name, name) == 0) return TSR_OK;
    return tsr_params_fail(given, "columns", "there is no column '%.80s'", name);
}

static tsr_status choose_columns(const tsr_params *given, const tsr_field *fields, rows_sink *self) {
    int64_t names = 0;
    const char *const *name = tsr_params_texts(given, "columns", &names);
    while (names == 0 && fields[self->columns].name != NULL && self->columns < COLUMNS_MAX) {
        self->index[self->columns] = self->columns;
        self->columns++;
    }
    if (names > COLUMNS_MAX || (names == 0 && fields[self->columns].name != NULL))
        return tsr_params_fail(given, "columns", "at most %d columns can be kept", COLUMNS_MAX);
    for (; self->columns < names; self->columns++)
        TSR_TRY(find_field(given, fields, name[self->columns], &self->index[self->columns]));
    for (int c = 0; c < self->columns; c++) {
        self->field[c] = &fields[self->index[c]];
        for (int other = 0; other < c; other++)
            if (self->index[other] == self->index[c])
                return tsr_params_fail(given, "columns", "'%.80s' is given twice", self->field[c]->name);
        if (strchr(self->field[c]->name, '/') != NULL)
            return tsr_params_fail(given, "columns", "'%.80s' cannot be the name of a dataset", self->field[c]->name);
    }
    return TSR_OK;
}

static tsr_status choose_file(const tsr_params *given, rows_sink *self) {
    struct stat about;
    const char *file = tsr_params_text(given, "file");
    if (*file == '\0') return tsr_params_fail(given, "file", "the name of a file belongs here");
    self->path = strdup(file);
    if (asprintf(&self->part, "%s.part", file) < 0) self->part = NULL;
    TSR_REQUIRE(self->path != NULL && self->part != NULL, TSR_ERUNTIME, "no memory for the sink '%s'", file);
    const bool is_there = stat(file, &about) == 0;
    if (is_there && !S_ISREG(about.st_mode)) return tsr_params_fail(given, "file", "'%.200s' is no regular file", file);
    if (is_there && !tsr_params_boolean(given, "replace"))
        return tsr_params_fail(given, "file", "'%.200s' is there already; take another name, or say replace: yes",
                               file);
    return TSR_OK;
}

static tsr_status create(const tsr_params *given, const tsr_field *fields, void **model) {
    rows_sink *self = calloc(1, sizeof(*self));
    TSR_REQUIRE(self != NULL, TSR_ERUNTIME, "no memory for a sink");
    self->descriptor = -1;
    self->chunk_rows = tsr_params_integer(given, "chunk");
    tsr_status status = choose_file(given, self);
    if (status == TSR_OK) status = choose_columns(given, fields, self);
    if (status == TSR_OK)
        *model = self;
    else
        destroy(self);
    return status;
}

/* ---- rows ---- */

static tsr_status open_part(rows_sink *self) {
    self->descriptor = open(self->part, O_WRONLY | O_CLOEXEC);
    TSR_REQUIRE(self->descriptor >= 0, TSR_EIO,
                "%s: cannot be written: %s; is it on a file system that all hosts share?", self->part, strerror(errno));
    return TSR_OK;
}

/* Rank 0 makes the file, and all write to it. */
static tsr_status open_rows(void *model, tsr_comm *comm, int64_t rows, bool goes_on) {
    rows_sink *self = model;
    const tsr_rows_plan plan = {self->part, rows, self->chunk_rows, self->columns, self->field};
    tsr_status status = TSR_OK;
    if (comm->rank == 0)
        status = goes_on ? tsr_rows_file_find(&plan, self->offset) : tsr_rows_file_create(&plan, self->offset);
    TSR_TRY(tsr_comm_agree(comm, status));
    comm->broadcast(comm, self->offset, self->columns * (int64_t)sizeof(*self->offset), 0);
    return tsr_comm_agree(comm, open_part(self));
}

static tsr_status write_all(const rows_sink *self, const void *data, size_t bytes, int64_t at) {
    const char *from = data;
    while (bytes > 0) {
        const ssize_t written = pwrite(self->descriptor, from, bytes, at);
        if (written < 0 && errno == EINTR) continue;
        TSR_REQUIRE(written > 0, TSR_EIO, "%s: rows cannot be written: %s", self->part, strerror(errno));
        from += written;
        at += written;
        bytes -= (size_t)written;
    }
    return TSR_OK;
}

static tsr_status write_rows(const void *model, int64_t first, const tsr_block *rows) {
    const rows_sink *self = model;
    for (int c = 0; c < self->columns; c++)
        TSR_TRY(write_all(self, tsr_column(rows, self->index[c]), (size_t)rows->items * sizeof(double),
                          self->offset[c] + first * (int64_t)sizeof(double)));
    return TSR_OK;
}

static tsr_status sync_rows(const void *model) {
    const rows_sink *self = model;
    TSR_REQUIRE(fdatasync(self->descriptor) == 0, TSR_EIO, "%s: rows cannot be brought to the disk: %s", self->part,
                strerror(errno));
    return TSR_OK;
}

static tsr_status close_part(rows_sink *self) {
    tsr_status status = fsync(self->descriptor) == 0 ? TSR_OK : sync_rows(self);
    const int closed = close(self->descriptor);
    self->descriptor = -1;
    if (status == TSR_OK && closed != 0)
        status = TSR_FAIL(TSR_EIO, "%s: cannot be closed: %s", self->part, strerror(errno));
    return status;
}

static tsr_status publish(const rows_sink *self) {
    TSR_REQUIRE(rename(self->part, self->path) == 0, TSR_EIO, "%s: cannot be renamed to %s: %s", self->part, self->path,
                strerror(errno));
    return TSR_OK;
}

static tsr_status close_rows(void *model, tsr_comm *comm) {
    rows_sink *self = model;
    TSR_TRY(tsr_comm_agree(comm, close_part(self)));
    return tsr_comm_agree(comm, comm->rank == 0 ? publish(self) : TSR_OK);
}

const tsr_sink tsr_sink_hdf5 = {
    .name = "hdf5",
    .summary = "rows in an HDF5 file, one chunked dataset a column, in the order of the items",
    .reference = "The HDF Group, HDF5 file format specification, version 3",
    .params = params,
    .create = create,
    .destroy = destroy,
    .open = open_rows,
    .write = write_rows,
    .sync = sync_rows,
    .close = close_rows,
};
