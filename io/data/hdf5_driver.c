#include "io/data/hdf5_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    H5FD_t base; /* HDF5's own part comes first */
    int file;
    haddr_t end;       /* of what HDF5 has allocated */
    haddr_t file_end;  /* of what there is */
    bool is_telling;   /* raw data is not read: where it lies is noted */
    haddr_t told;      /* address, or HADDR_UNDEF */
    size_t told_bytes; /* of the raw data at that address */
} driver_file;

static H5FD_t *open_file(const char *name, unsigned flags, hid_t list, haddr_t most) {
    (void)list;
    (void)most;
    struct stat about;
    if (flags != H5F_ACC_RDONLY) return NULL;
    driver_file *opened = calloc(1, sizeof(*opened));
    if (opened == NULL) return NULL;
    opened->file = open(name, O_RDONLY | O_CLOEXEC);
    if (opened->file < 0 || fstat(opened->file, &about) != 0) {
        if (opened->file >= 0) close(opened->file);
        free(opened);
        return NULL;
    }
    opened->file_end = (haddr_t)about.st_size;
    return &opened->base;
}

static herr_t close_file(H5FD_t *file) {
    close(((driver_file *)file)->file);
    free(file);
    return 0;
}

static haddr_t get_end(const H5FD_t *file, H5FD_mem_t kind) {
    (void)kind;
    return ((const driver_file *)file)->end;
}

static herr_t set_end(H5FD_t *file, H5FD_mem_t kind, haddr_t end) {
    (void)kind;
    ((driver_file *)file)->end = end;
    return 0;
}

static haddr_t get_file_end(const H5FD_t *file, H5FD_mem_t kind) {
    (void)kind;
    return ((const driver_file *)file)->file_end;
}

static herr_t get_handle(H5FD_t *file, hid_t list, void **out) {
    (void)list;
    *out = file;
    return 0;
}

static herr_t query(const H5FD_t *file, unsigned long *flags) {
    (void)file;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE;
    return 0;
}

static herr_t read_file(H5FD_t *file, H5FD_mem_t kind, hid_t list, haddr_t address, size_t bytes, void *out) {
    (void)list;
    driver_file *self = (driver_file *)file;
    if (self->is_telling && kind == H5FD_MEM_DRAW) {
        self->told = address;
        self->told_bytes = bytes;
        return 0;
    }
    for (size_t have = 0; have < bytes;) {
        const ssize_t got = pread(self->file, (char *)out + have, bytes - have, (off_t)(address + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return -1;
        have += (size_t)got;
    }
    return 0;
}

static herr_t write_file(H5FD_t *file, H5FD_mem_t kind, hid_t list, haddr_t address, size_t bytes, const void *from) {
    (void)file, (void)kind, (void)list, (void)address, (void)bytes, (void)from;
    return -1;
}

static const H5FD_class_t driver = {
    .name = "tessera",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .open = open_file,
    .close = close_file,
    .query = query,
    .get_eoa = get_end,
    .set_eoa = set_end,
    .get_eof = get_file_end,
    .get_handle = get_handle,
    .read = read_file,
    .write = write_file,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t tsr_hdf5_driver_open(const char *path) {
    hid_t file = H5I_INVALID_HID, list = H5Pcreate(H5P_FILE_ACCESS);
    const hid_t id = H5FDregister(&driver);
    if (list >= 0 && id >= 0 && H5Pset_driver(list, id, NULL) >= 0) file = H5Fopen(path, H5F_ACC_RDONLY, list);
    const hid_t reason = file < 0 ? H5Eget_current_stack() : H5I_INVALID_HID; /* each call begins a new one */
    if (list >= 0) H5Pclose(list);
    if (id >= 0) H5FDunregister(id); /* the file keeps it */
    if (reason >= 0) H5Eset_current_stack(reason);
    return file;
}

bool tsr_hdf5_driver_find(hid_t file, hid_t dataset, const hsize_t *origin, tsr_hdf5_place *out) {
    void *handle = NULL;
    uint32_t skipped = 0;
    char nothing = 0; /* is not written to */
    if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0) return false;
    driver_file *self = handle;
    self->told = HADDR_UNDEF;
    self->is_telling = true;
    const herr_t code = H5Dread_chunk(dataset, H5P_DEFAULT, origin, &skipped, &nothing);
    self->is_telling = false;
    if (code < 0) H5Eclear2(H5E_DEFAULT);
    if (code < 0 || self->told == HADDR_UNDEF || self->told > INT64_MAX || self->told_bytes > INT64_MAX) return false;
    *out = (tsr_hdf5_place){(int64_t)self->told, (int64_t)self->told_bytes, skipped};
    return true;
}
