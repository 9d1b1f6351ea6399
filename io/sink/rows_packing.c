#include "io/sink/rows_packing.h"

#include "engine/team.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* Chunks are numbered over all datasets. Compressed ones wait in a file of their own, each where its rows stand in the
 * part, until their sizes are known. */
typedef struct {
    const tsr_rows_packing *packing;
    const tsr_comm *comm;
    int part;
    int packed;
    int64_t chunks;
    int64_t *size; /* [chunks] as compressed; as long as it was: only shuffled */
    _Atomic int64_t next;
} work;

/* A chunk of a dataset. */
typedef struct {
    const tsr_rows_set *set;
    int64_t at; /* in the part */
    size_t bytes;
} chunk;

static int64_t chunks_of(const tsr_rows_plan *plan, const tsr_rows_set *set) {
    const int64_t rows = tsr_rows_file_chunk(plan, set);
    return (plan->rows + rows - 1) / rows;
}

static chunk find_chunk(const tsr_rows_packing *packing, int64_t number) {
    const tsr_rows_plan *plan = packing->plan;
    int s = 0;
    for (; number >= chunks_of(plan, &plan->layout->set[s]); s++) number -= chunks_of(plan, &plan->layout->set[s]);
    const tsr_rows_set *set = &plan->layout->set[s];
    const int64_t bytes = tsr_rows_file_chunk(plan, set) * set->row_bytes;
    return (chunk){.set = set, .at = packing->offset[s] + number * bytes, .bytes = (size_t)bytes};
}

static size_t largest_chunk(const tsr_rows_plan *plan) {
    size_t most = 1;
    for (int s = 0; s < plan->layout->sets; s++) {
        const tsr_rows_set *set = &plan->layout->set[s];
        const size_t bytes = (size_t)(tsr_rows_file_chunk(plan, set) * set->row_bytes);
        if (bytes > most) most = bytes;
    }
    return most;
}

static tsr_status fail(const tsr_rows_place *place, const char *what) {
    return TSR_FAIL(TSR_EIO, "%s: %s: %s", place->packed, what, strerror(errno));
}

static bool read_all(int file, unsigned char *out, size_t bytes, int64_t at) {
    while (bytes > 0) {
        const ssize_t got = pread(file, out, bytes, at);
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;
        if (got <= 0) return false;
        out += got;
        at += got;
        bytes -= (size_t)got;
    }
    return true;
}

static bool write_all(int file, const unsigned char *from, size_t bytes, int64_t at) {
    while (bytes > 0) {
        const ssize_t done = pwrite(file, from, bytes, at);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        from += done;
        at += done;
        bytes -= (size_t)done;
    }
    return true;
}

/* ---- compressing ---- */

/* The first bytes of all cells, then the second ones, ...: as HDF5's filter does. */
static void shuffle(const unsigned char *from, size_t bytes, size_t cell, unsigned char *to) {
    const size_t cells = bytes / cell;
    for (size_t b = 0; b < cell; b++)
        for (size_t i = 0; i < cells; i++) to[b * cells + i] = from[i * cell + b];
}

/* buffer: three of the largest chunk. */
static tsr_status pack_chunk(work *self, int64_t number, unsigned char *buffer, size_t room) {
    const tsr_rows_place *place = self->packing->place;
    const chunk one = find_chunk(self->packing, number);
    const size_t cell = one.set->type == TSR_ROWS_WORD ? 1 : one.set->cell_bytes;
    unsigned char *raw = buffer, *shuffled = buffer + room, *packed = buffer + 2 * room;
    if (!read_all(self->part, raw, one.bytes, one.at)) return fail(place, "rows cannot be read");
    shuffle(raw, one.bytes, cell, shuffled);
    uLongf bytes = one.bytes - 1;
    const bool is_less =
        one.bytes > 1 && compress2(packed, &bytes, shuffled, one.bytes, self->packing->plan->compression) == Z_OK;
    if (!is_less) bytes = one.bytes;
    self->size[number] = (int64_t)bytes;
    if (!write_all(self->packed, is_less ? packed : shuffled, bytes, one.at))
        return fail(place, "rows cannot be written");
    return TSR_OK;
}

static tsr_status pack_some(int thread, void *data) {
    work *self = data;
    const size_t room = largest_chunk(self->packing->plan);
    unsigned char *buffer = malloc(3 * room);
    (void)thread;
    TSR_REQUIRE(buffer != NULL, TSR_ERUNTIME, "no memory to compress chunks of %zu bytes", room);
    tsr_status status = TSR_OK;
    while (status == TSR_OK) {
        const int64_t number = atomic_fetch_add(&self->next, 1) * self->comm->size + self->comm->rank;
        if (number >= self->chunks) break;
        status = pack_chunk(self, number, buffer, room);
    }
    free(buffer);
    return status;
}

static tsr_status open_files(work *self) {
    const tsr_rows_place *place = self->packing->place;
    self->part = open(place->part, O_RDONLY | O_CLOEXEC);
    self->packed = open(place->packed, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    return self->part >= 0 && self->packed >= 0 ? TSR_OK : fail(place, "cannot be opened");
}

static tsr_status close_files(work *self, tsr_status status) {
    if (status == TSR_OK && fsync(self->packed) != 0)
        status = fail(self->packing->place, "cannot be brought to the disk");
    if (self->part >= 0) close(self->part);
    if (self->packed >= 0) close(self->packed);
    self->part = self->packed = -1;
    return status;
}

/* One rank empties the file that the others write to. */
static tsr_status make_packed(const work *self) {
    const int file = open(self->packing->place->packed, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0) return fail(self->packing->place, "cannot be made");
    close(file);
    return TSR_OK;
}

/* ---- putting together ---- */

static tsr_status next_chunk(void *data, int64_t number, unsigned char *out, size_t *bytes, bool *is_deflated) {
    const work *self = data;
    const chunk one = find_chunk(self->packing, number);
    *bytes = (size_t)self->size[number];
    *is_deflated = *bytes < one.bytes;
    return read_all(self->packed, out, *bytes, one.at) ? TSR_OK : fail(self->packing->place, "cannot be read");
}

static tsr_status put_together(work *self) {
    const tsr_rows_place *place = self->packing->place;
    const size_t room = largest_chunk(self->packing->plan);
    unsigned char *buffer = malloc(room);
    TSR_REQUIRE(buffer != NULL, TSR_ERUNTIME, "no memory for a chunk of %zu bytes", room);
    tsr_status status = open_files(self);
    const tsr_rows_chunks chunks = {.next = next_chunk, .data = self, .buffer = buffer};
    if (status == TSR_OK) status = tsr_rows_file_pack(place->fresh, self->packing->plan, &chunks);
    status = close_files(self, status);
    free(buffer);
    return status == TSR_OK ? tsr_rows_place_sync_fresh(place) : status;
}

static tsr_status run(work *self, tsr_comm *comm, int threads) {
    TSR_TRY(tsr_comm_agree(comm, comm->rank == 0 ? make_packed(self) : TSR_OK));
    tsr_status status = open_files(self);
    if (status == TSR_OK) status = tsr_team_run(threads, pack_some, self);
    TSR_TRY(tsr_comm_agree(comm, close_files(self, status)));
    comm->sum(comm, self->size, self->chunks);
    return tsr_comm_agree(comm, comm->rank == 0 ? put_together(self) : TSR_OK);
}

tsr_status tsr_rows_packing_run(const tsr_rows_packing *packing, tsr_comm *comm, int threads) {
    work self = {.packing = packing, .comm = comm, .part = -1, .packed = -1};
    for (int s = 0; s < packing->plan->layout->sets; s++)
        self.chunks += chunks_of(packing->plan, &packing->plan->layout->set[s]);
    self.size = calloc((size_t)self.chunks + 1, sizeof(*self.size));
    tsr_status status = self.size != NULL ? TSR_OK : TSR_FAIL(TSR_ERUNTIME, "no memory for the sizes of chunks");
    status = tsr_comm_agree(comm, status);
    if (status == TSR_OK) status = run(&self, comm, threads);
    free(self.size);
    return status;
}
