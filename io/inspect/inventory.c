#include "io/inspect/inventory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 512 };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory to look into a file"); }

void tsr_inventory_clear(tsr_inventory *inventory) {
    for (int i = 0; i < inventory->count; i++) {
        free(inventory->row[i].name);
        free(inventory->row[i].source);
        free(inventory->row[i].job);
    }
    free(inventory->row);
    *inventory = (tsr_inventory){0};
}

static bool copy(const char *text, char **out) {
    *out = text == NULL ? NULL : strdup(text);
    return text == NULL || *out != NULL;
}

tsr_status tsr_inventory_add(tsr_inventory *inventory, const tsr_inventory_row *row) {
    tsr_inventory_row *larger = realloc(inventory->row, ((size_t)inventory->count + 1) * sizeof(*larger));
    if (larger == NULL) return no_memory();
    inventory->row = larger;
    tsr_inventory_row *added = &larger[inventory->count++];
    *added = *row;
    const bool copied = copy(row->name != NULL ? row->name : "", &added->name);
    const bool source_copied = copy(row->source, &added->source), job_copied = copy(row->job, &added->job);
    return copied && source_copied && job_copied ? TSR_OK : no_memory();
}

char *tsr_inventory_quote(const char *text) {
    char *quoted = malloc(2 * strlen(text) + 3), *to = quoted;
    if (quoted == NULL) return NULL;
    *to++ = '\'';
    for (; *text != '\0'; text++) {
        if (*text == '\'') *to++ = '\'';
        *to++ = *text;
    }
    *to++ = '\'';
    *to = '\0';
    return quoted;
}

/* ---- which format ---- */

static tsr_status read_first(const char *path, unsigned char first[FIRST_BYTES], int64_t *bytes, size_t *count) {
    struct stat about;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    TSR_REQUIRE(file >= 0, TSR_EDATA, "'%s' cannot be opened: %s", path, strerror(errno));
    const bool is_file = fstat(file, &about) == 0 && S_ISREG(about.st_mode);
    const ssize_t got = is_file ? pread(file, first, FIRST_BYTES, 0) : -1;
    close(file);
    TSR_REQUIRE(is_file, TSR_EDATA, "'%s' is not a file", path);
    TSR_REQUIRE(got > 0, TSR_EDATA, "'%s' %s", path, got < 0 ? "cannot be read" : "is empty");
    *bytes = about.st_size;
    *count = (size_t)got;
    return TSR_OK;
}

/* Text has none of the bytes that no text has. */
static bool is_text(const unsigned char *first, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (first[i] < 0x20 && strchr("\t\n\r\f\v", first[i]) == NULL) return false;
    return memchr(first, 0, count) == NULL;
}

static bool begins(const unsigned char *first, size_t count, const char *with, size_t bytes) {
    return count >= bytes && memcmp(first, with, bytes) == 0;
}

tsr_status tsr_inventory_read(const char *path, tsr_inventory *out) {
    unsigned char first[FIRST_BYTES];
    size_t count = 0;
    *out = (tsr_inventory){0};
    TSR_TRY(read_first(path, first, &out->bytes, &count));
    if (begins(first, count, "\x89HDF\r\n\x1a\n", 8)) return tsr_inventory_read_hdf5(path, out);
    if (begins(first, count, "CDF\x01", 4) || begins(first, count, "CDF\x02", 4) || begins(first, count, "CDF\x05", 4))
        return tsr_inventory_read_netcdf(path, out);
    if (begins(first, count, "\x93NUMPY", 6)) return tsr_inventory_read_npy(path, out);
    if (is_text(first, count)) return tsr_inventory_read_csv(path, out);
    return TSR_FAIL(TSR_EDATA, "'%s' is of no format that is known here: HDF5, netCDF, NumPy, text with delimiters",
                    path);
}
