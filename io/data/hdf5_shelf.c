#include "io/data/hdf5_shelf.h"

#include "io/data/hdf5_driver.h"
#include "io/result/h5.h"

#include <stdlib.h>

enum { OPEN_FILES = 16, NONE = -1, REASON_BYTES = 512 };

typedef struct {
    int file; /* which one, or NONE */
    hid_t handle;
    hid_t *dataset; /* [variables] */
    int64_t turn;
} slot;

struct tsr_hdf5_shelf {
    const tsr_files *files;
    char *const *names;
    int variables;
    int64_t turn;
    hid_t *datasets; /* of all slots */
    slot slot[OPEN_FILES];
};

/* ---- failures ---- */

static herr_t take_innermost(unsigned depth, const H5E_error2_t *entry, void *data) {
    (void)depth;
    char *reason = data;
    if (*reason == '\0' && entry->desc != NULL) snprintf(reason, REASON_BYTES, "%s", entry->desc);
    return 0;
}

tsr_status tsr_hdf5_refuse(const char *path, const char *dataset, const char *sentence) {
    char reason[REASON_BYTES] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, reason);
    H5Eclear2(H5E_DEFAULT);
    return TSR_FAIL(TSR_EDATA, "'%s'%s%s %s: HDF5 says: %s", path, dataset != NULL ? ", " : "",
                    dataset != NULL ? dataset : "", sentence, *reason != '\0' ? reason : "nothing");
}

/* ---- handles ---- */

tsr_status tsr_hdf5_shelf_create(const tsr_files *files, char *const *names, int variables, tsr_hdf5_shelf **out) {
    tsr_hdf5_shelf *made = calloc(1, sizeof(*made));
    hid_t *datasets = calloc((size_t)variables * OPEN_FILES, sizeof(*datasets));
    if (made == NULL || datasets == NULL) {
        free(made);
        free(datasets);
        return TSR_FAIL(TSR_ERUNTIME, "no memory for the files of a dataset");
    }
    made->files = files;
    made->names = names;
    made->variables = variables;
    made->datasets = datasets;
    for (int i = 0; i < variables * OPEN_FILES; i++) datasets[i] = H5I_INVALID_HID;
    for (int s = 0; s < OPEN_FILES; s++)
        made->slot[s] = (slot){.file = NONE, .handle = H5I_INVALID_HID, .dataset = datasets + s * variables};
    *out = made;
    return TSR_OK;
}

static void put_away(const tsr_hdf5_shelf *shelf, slot *at) {
    for (int v = 0; v < shelf->variables; v++) tsr_h5_drop(&at->dataset[v]);
    tsr_h5_drop(&at->handle);
    at->file = NONE;
}

void tsr_hdf5_shelf_destroy(tsr_hdf5_shelf **shelf) {
    if (*shelf == NULL) return;
    for (int s = 0; s < OPEN_FILES; s++) put_away(*shelf, &(*shelf)->slot[s]);
    free((*shelf)->datasets);
    free(*shelf);
    *shelf = NULL;
}

static tsr_status open_slot(tsr_hdf5_shelf *shelf, int i, slot *at) {
    const char *path = shelf->files->input[i].path;
    put_away(shelf, at);
    TSR_TRY(tsr_files_look(shelf->files, i));
    at->handle = tsr_hdf5_driver_open(path);
    if (at->handle < 0) return tsr_hdf5_refuse(path, NULL, "cannot be opened again");
    at->file = i;
    for (int v = 0; v < shelf->variables; v++) {
        at->dataset[v] = H5Dopen2(at->handle, shelf->names[v], H5P_DEFAULT);
        if (at->dataset[v] >= 0) continue;
        const tsr_status status = tsr_hdf5_refuse(path, shelf->names[v], "cannot be opened again");
        put_away(shelf, at);
        return status;
    }
    return TSR_OK;
}

tsr_status tsr_hdf5_shelf_find(tsr_hdf5_shelf *shelf, int i, int variable, tsr_hdf5_handles *out) {
    slot *at = &shelf->slot[0];
    for (int s = 0; s < OPEN_FILES && at->file != i; s++) {
        slot *other = &shelf->slot[s];
        if (other->file == i || other->turn < at->turn) at = other;
    }
    if (at->file != i) TSR_TRY(open_slot(shelf, i, at));
    at->turn = ++shelf->turn;
    *out = (tsr_hdf5_handles){at->handle, at->dataset[variable]};
    return TSR_OK;
}
