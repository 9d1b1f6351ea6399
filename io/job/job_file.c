#include "io/job/job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe may have to be waited for, as long as somebody is about to write to it. */
static void wait_for_more(int file) { poll(&(struct pollfd){.fd = file, .events = POLLIN}, 1, -1); }

/* Reads up to `capacity` bytes; errno tells why when it fails. */
static bool read_up_to(int file, char *text, size_t capacity, size_t *bytes) {
    *bytes = 0;
    while (*bytes < capacity) {
        ssize_t count = read(file, text + *bytes, capacity - *bytes);
        if (count == 0) break;
        if (count > 0)
            *bytes += (size_t)count;
        else if (errno == EAGAIN)
            wait_for_more(file);
        else if (errno != EINTR)
            return false;
    }
    return true;
}

static tsr_status read_open(int file, const char *path, char *text, size_t *bytes) {
    struct stat about;
    bool is_folder = fstat(file, &about) == 0 && S_ISDIR(about.st_mode);
    TSR_REQUIRE(!is_folder, TSR_EUSAGE, "%s: a folder, not a job file; give the path of a file in it", path);
    bool ok = read_up_to(file, text, TSR_JOB_BYTES_MAX + 1, bytes);
    TSR_REQUIRE(ok, TSR_EUSAGE, "%s: cannot read the job file: %s", path, strerror(errno));
    TSR_REQUIRE(*bytes <= TSR_JOB_BYTES_MAX, TSR_EUSAGE,
                "%s: larger than %d bytes, so hardly a job file; data belong in files of their own", path,
                TSR_JOB_BYTES_MAX);
    text[*bytes] = '\0';
    return TSR_OK;
}

tsr_status tsr_job_file_read(const char *path, char **text, size_t *bytes) {
    int file =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe would be waited for until somebody writes */
    TSR_REQUIRE(file >= 0, TSR_EUSAGE, "%s: cannot open the job file: %s", path, strerror(errno));
    tsr_status status = TSR_OK;
    char *content = malloc(TSR_JOB_BYTES_MAX + 2);
    if (content == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory left to read %s", path);
        goto out;
    }
    TSR_TRY_OUT(read_open(file, path, content, bytes));
    *text = content;
    content = NULL;
out:
    free(content);
    close(file);
    return status;
}

/* What stands before the last slash; "" without one. Allocates. */
static char *folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) return strdup("");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

tsr_status tsr_job_read(const char *path, const char *const *overrides, int override_count, const tsr_catalog *catalog,
                        tsr_job **out) {
    char *text = NULL;
    size_t bytes = 0;
    char *folder = folder_of(path);
    tsr_status status = TSR_OK;
    if (folder == NULL) {
        status = TSR_FAIL(TSR_ERUNTIME, "no memory left to read %s", path);
        goto out;
    }
    TSR_TRY_OUT(tsr_job_file_read(path, &text, &bytes));
    TSR_TRY_OUT(tsr_job_parse(text, bytes, path, folder, overrides, override_count, catalog, out));
out:
    free(folder);
    free(text);
    return status;
}
