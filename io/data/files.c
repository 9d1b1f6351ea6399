#include "io/data/files.h"

#include "io/input/input_note.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t ROWS_MAX = INT64_C(1) << 62;
enum { FILES_MAX = 1000000 };

static tsr_status no_memory(void) { return TSR_FAIL(TSR_ERUNTIME, "no memory for the names of input files"); }

void tsr_files_clear(tsr_files *files) {
    for (int i = 0; files->input != NULL && i < files->count; i++) free(files->input[i].path);
    free(files->input);
    free(files->begin);
    *files = (tsr_files){0};
}

/* ---- names ---- */

static tsr_status append(tsr_files *files, const char *path) {
    TSR_REQUIRE(files->count < FILES_MAX, TSR_EDATA, "more than %d files are one dataset too many", FILES_MAX);
    const size_t room = (size_t)files->count + 1;
    if ((room & (room - 1)) == 0) { /* doubles at powers of two */
        tsr_input *larger = realloc(files->input, 2 * room * sizeof(*larger));
        if (larger == NULL) return no_memory();
        files->input = larger;
    }
    char *copy = strdup(path);
    if (copy == NULL) return no_memory();
    files->input[files->count++] = (tsr_input){.path = copy};
    return TSR_OK;
}

static int compare_paths(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* In the order of bytes, whatever the language of the user. */
static tsr_status append_matches(tsr_files *files, const tsr_params *params, const char *name, const char *pattern) {
    glob_t found = {0};
    const int code = glob(pattern, GLOB_NOSORT, NULL, &found);
    tsr_status status = TSR_OK;
    if (code == GLOB_NOSPACE) status = no_memory();
    if (code == GLOB_NOMATCH || code == GLOB_ABORTED)
        status = TSR_FAIL(TSR_EDATA, "%s: no file is called like '%s'", tsr_params_where(params, name), pattern);
    if (code == 0) qsort(found.gl_pathv, found.gl_pathc, sizeof(*found.gl_pathv), compare_paths);
    for (size_t i = 0; status == TSR_OK && i < found.gl_pathc; i++) status = append(files, found.gl_pathv[i]);
    globfree(&found);
    return status;
}

static bool is_pattern(const char *path) {
    struct stat about;
    return strpbrk(path, "*?[") != NULL && stat(path, &about) != 0;
}

/* A file as the file system knows it; what is not there is told apart by its path. */
typedef struct {
    dev_t device;
    ino_t number;
    const char *path;
} identity;

static int compare_files(const identity *a, const identity *b) {
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return a->number == 0 ? strcmp(a->path, b->path) : 0;
}

static int compare_identities(const void *a, const void *b) {
    const int order = compare_files(a, b);
    return order != 0 ? order : strcmp(((const identity *)a)->path, ((const identity *)b)->path);
}

static identity identify(const char *path) {
    struct stat about;
    const bool is_there = stat(path, &about) == 0;
    return (identity){is_there ? about.st_dev : 0, is_there ? about.st_ino : 0, path};
}

/* Also under another name: by a link, or by another way to it. */
static tsr_status check_twice(const tsr_files *files, const tsr_params *params, const char *name) {
    tsr_status status = TSR_OK;
    const char *where = tsr_params_where(params, name);
    identity *sorted = calloc((size_t)files->count, sizeof(*sorted));
    if (sorted == NULL) return no_memory();
    for (int i = 0; i < files->count; i++) sorted[i] = identify(files->input[i].path);
    qsort(sorted, (size_t)files->count, sizeof(*sorted), compare_identities);
    for (int i = 1; i < files->count && status == TSR_OK; i++) {
        const char *path = sorted[i].path, *other = sorted[i - 1].path;
        if (compare_files(&sorted[i - 1], &sorted[i]) != 0) continue;
        status =
            strcmp(path, other) == 0
                ? TSR_FAIL(TSR_EDATA, "%s: '%s' is named twice; its rows would count twice", where, path)
                : TSR_FAIL(TSR_EDATA, "%s: '%s' and '%s' are one file; its rows would count twice", where, other, path);
    }
    free(sorted);
    return status;
}

tsr_status tsr_files_find(const tsr_params *params, const char *name, tsr_files *out) {
    int64_t entries = 0;
    const char *const *entry = tsr_params_texts(params, name, &entries);
    *out = (tsr_files){0};
    if (entries == 0) return tsr_params_fail(params, name, "the name of a file is missing here");
    for (int64_t i = 0; i < entries; i++)
        TSR_TRY(is_pattern(entry[i]) ? append_matches(out, params, name, entry[i]) : append(out, entry[i]));
    TSR_TRY(check_twice(out, params, name));
    out->begin = calloc((size_t)out->count + 1, sizeof(*out->begin));
    return out->begin != NULL ? TSR_OK : no_memory();
}

/* ---- files ---- */

static const char *why_not(const struct stat *about) {
    if (S_ISREG(about->st_mode)) return NULL;
    return S_ISDIR(about->st_mode) ? "is a directory, not a file" : "is not a file";
}

tsr_status tsr_files_open(tsr_files *files, const tsr_params *params, const char *name, int i, int *file) {
    tsr_input *input = &files->input[i];
    const char *where = tsr_params_where(params, name);
    struct stat about;
    const int opened = open(input->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not make us wait */
    TSR_REQUIRE(opened >= 0, TSR_EDATA, "%s: '%s' cannot be opened: %s", where, input->path, strerror(errno));
    tsr_status status = TSR_OK;
    if (fstat(opened, &about) != 0)
        status = TSR_FAIL(TSR_EDATA, "%s: '%s' cannot be read: %s", where, input->path, strerror(errno));
    else if (why_not(&about) != NULL)
        status = TSR_FAIL(TSR_EDATA, "%s: '%s' %s", where, input->path, why_not(&about));
    else
        status = tsr_input_read(opened, input->path, &about, input);
    if (status == TSR_OK && !tsr_input_is_unchanged(opened, &about))
        status = TSR_FAIL(TSR_EDATA, "%s: '%s' has changed while it was read", where, input->path);
    if (status == TSR_OK)
        *file = opened;
    else
        close(opened);
    return status;
}

tsr_status tsr_files_look(const tsr_files *files, int i) {
    const tsr_input *input = &files->input[i];
    struct stat about;
    TSR_REQUIRE(stat(input->path, &about) == 0, TSR_EDATA, "'%s' cannot be read any more: %s", input->path,
                strerror(errno));
    const int64_t modified_ns = about.st_mtim.tv_sec * INT64_C(1000000000) + about.st_mtim.tv_nsec;
    TSR_REQUIRE(about.st_size == input->bytes && modified_ns == input->modified_ns, TSR_EDATA,
                "'%s' has changed since it was opened first; datasets must not change while a run reads them",
                input->path);
    return TSR_OK;
}

tsr_status tsr_files_add_rows(tsr_files *files, int i, int64_t rows) {
    TSR_ASSERT(i >= 0 && i < files->count && rows >= 0);
    TSR_REQUIRE(rows <= ROWS_MAX - files->begin[i], TSR_EDATA, "'%s' and the files before it have more than 2^62 rows",
                files->input[i].path);
    files->begin[i + 1] = files->begin[i] + rows;
    return TSR_OK;
}

int tsr_files_at(const tsr_files *files, int64_t row) {
    TSR_ASSERT(row >= 0 && row < files->begin[files->count]);
    int low = 0, high = files->count;
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        if (files->begin[middle] <= row)
            low = middle;
        else
            high = middle;
    }
    return low;
}
