#include "io/data/hdf5_names.h"

#include "engine/param.h"
#include "io/data/hdf5_element.h"
#include "io/data/hdf5_shelf.h"
#include "io/data/hdf5_text.h"

#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 4096, SHOWN_BYTES = 300, NO_MEMORY = -2 };

void tsr_hdf5_names_clear(tsr_hdf5_names *names) {
    for (int i = 0; i < names->count; i++) free(names->name[i]);
    free(names->name);
    *names = (tsr_hdf5_names){0};
}

static herr_t keep_name(hid_t object, const char *name, const H5O_info_t *about, void *data) {
    (void)object;
    tsr_hdf5_names *names = data;
    if (about->type != H5O_TYPE_DATASET) return 0;
    if (names->count == NAMES_MAX) return 1;
    names->name[names->count] = strdup(name);
    if (names->name[names->count] == NULL) return NO_MEMORY;
    names->count++;
    return 0;
}

tsr_status tsr_hdf5_names_read(hid_t file, const char *path, tsr_hdf5_names *out) {
    *out = (tsr_hdf5_names){.name = calloc(NAMES_MAX + 1, sizeof(*out->name))};
    TSR_REQUIRE(out->name != NULL, TSR_ERUNTIME, "no memory for the names of datasets");
    const herr_t code = H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, keep_name, out, H5O_INFO_BASIC);
    TSR_REQUIRE(code != NO_MEMORY, TSR_ERUNTIME, "no memory for the names of datasets");
    if (code < 0) return tsr_hdf5_refuse(path, NULL, "cannot be searched for datasets");
    return TSR_OK;
}

static bool has_rows_of_numbers(hid_t file, const char *name) {
    tsr_hdf5_element element = {0};
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (dataset < 0) return false;
    const hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    bool has = type >= 0 && space >= 0 && H5Sget_simple_extent_ndims(space) > 0 && H5DSis_scale(dataset) <= 0;
    has = has && tsr_hdf5_element_read(type, &element) == TSR_OK && element.numbers > 0;
    tsr_error_clear(); /* another dataset may do */
    tsr_hdf5_element_clear(&element);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    H5Dclose(dataset);
    H5Eclear2(H5E_DEFAULT);
    return has;
}

/* Keeps the names that hold rows of numbers. */
static void sift(hid_t file, tsr_hdf5_names *names) {
    int kept = 0;
    for (int i = 0; i < names->count; i++) {
        char *name = names->name[i];
        if (has_rows_of_numbers(file, name))
            names->name[kept++] = name;
        else
            free(name);
    }
    names->count = kept;
    names->name[kept] = NULL;
}

/* "a, b, c", cut short with "...". */
static void list(const tsr_hdf5_names *names, char out[SHOWN_BYTES]) {
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < names->count; i++) {
        char name[TSR_HDF5_TEXT_BYTES];
        tsr_hdf5_printable(names->name[i], strlen(names->name[i]), name);
        if (used + strlen(name) + 8 > SHOWN_BYTES) {
            snprintf(out + used, SHOWN_BYTES - used, "...");
            return;
        }
        used += (size_t)snprintf(out + used, SHOWN_BYTES - used, "%s%s", name, i + 1 < names->count ? ", " : "");
    }
}

tsr_status tsr_hdf5_names_only(hid_t file, const char *path, char **out) {
    tsr_hdf5_names names;
    char shown[SHOWN_BYTES];
    tsr_status status = tsr_hdf5_names_read(file, path, &names);
    if (status == TSR_OK) sift(file, &names);
    list(&names, shown);
    if (status == TSR_OK && names.count == 0)
        status = TSR_FAIL(TSR_EDATA, "'%s' has no dataset with rows of numbers", path);
    if (status == TSR_OK && names.count > 1)
        status = TSR_FAIL(TSR_EDATA, "'%s' has several datasets; say which one with 'dataset:' (%s)", path, shown);
    if (status == TSR_OK) {
        *out = names.name[0];
        names.name[0] = NULL;
    }
    tsr_hdf5_names_clear(&names);
    return status;
}

tsr_status tsr_hdf5_names_refuse(hid_t file, const char *path, const char *wanted) {
    tsr_hdf5_names names;
    char hint[TSR_HINT_BYTES];
    H5Eclear2(H5E_DEFAULT);
    tsr_status status = tsr_hdf5_names_read(file, path, &names);
    if (status == TSR_OK) {
        tsr_nearest_hint(*wanted == '/' ? wanted + 1 : wanted, (const char *const *)names.name, hint);
        status = TSR_FAIL(TSR_EDATA, "'%s' has no dataset '%.200s'%s", path, wanted, hint);
    }
    tsr_hdf5_names_clear(&names);
    return status;
}
