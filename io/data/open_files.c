#include "io/data/open_files.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPEN_MAX_COUNT = 64, NONE = -1 };

typedef struct {
    int file; /* which one, or NONE */
    int descriptor;
    int readers;
    int64_t turn; /* when it was last asked for */
} slot;

struct tsr_open_files {
    const tsr_files *files;
    pthread_mutex_t lock;
    int64_t turn;
    slot slot[OPEN_MAX_COUNT];
};

tsr_status tsr_open_files_create(const tsr_files *files, tsr_open_files **out) {
    tsr_open_files *made = calloc(1, sizeof(*made));
    TSR_REQUIRE(made != NULL, TSR_ERUNTIME, "no memory for the files of a dataset");
    made->files = files;
    pthread_mutex_init(&made->lock, NULL);
    for (int s = 0; s < OPEN_MAX_COUNT; s++) made->slot[s].file = NONE;
    *out = made;
    return TSR_OK;
}

void tsr_open_files_destroy(tsr_open_files **files) {
    if (*files == NULL) return;
    for (int s = 0; s < OPEN_MAX_COUNT; s++)
        if ((*files)->slot[s].file != NONE) close((*files)->slot[s].descriptor);
    pthread_mutex_destroy(&(*files)->lock);
    free(*files);
    *files = NULL;
}

static tsr_status open_again(const tsr_files *files, int i, int *out) {
    const char *path = files->input[i].path;
    const int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    TSR_REQUIRE(opened >= 0, TSR_EDATA, "'%s' cannot be opened any more: %s", path, strerror(errno));
    const tsr_status status = tsr_files_look(files, i);
    if (status == TSR_OK)
        *out = opened;
    else
        close(opened);
    return status;
}

/* The slot of the file, else one that nobody reads and that was asked for longest ago; NULL: all are in use. */
static slot *choose(tsr_open_files *files, int i) {
    slot *oldest = NULL;
    for (int s = 0; s < OPEN_MAX_COUNT; s++) {
        slot *at = &files->slot[s];
        if (at->file == i) return at;
        if (at->readers == 0 && (oldest == NULL || at->turn < oldest->turn)) oldest = at;
    }
    return oldest;
}

/* Without a slot the reader has a descriptor of its own. */
static tsr_status take(tsr_open_files *files, int i, slot **at, int *descriptor) {
    tsr_status status = TSR_OK;
    pthread_mutex_lock(&files->lock);
    *at = choose(files, i);
    if (*at == NULL || (*at)->file != i) status = open_again(files->files, i, descriptor);
    if (status == TSR_OK && *at != NULL) {
        if ((*at)->file != i) {
            if ((*at)->file != NONE) close((*at)->descriptor);
            (*at)->file = i;
            (*at)->descriptor = *descriptor;
        }
        (*at)->readers++;
        (*at)->turn = ++files->turn;
        *descriptor = (*at)->descriptor;
    }
    pthread_mutex_unlock(&files->lock);
    return status;
}

static void give_back(tsr_open_files *files, slot *at, int descriptor) {
    if (at == NULL) {
        close(descriptor);
        return;
    }
    pthread_mutex_lock(&files->lock);
    at->readers--;
    pthread_mutex_unlock(&files->lock);
}

static tsr_status read_all(int descriptor, const char *path, int64_t place, size_t bytes, char *out) {
    for (size_t have = 0; have < bytes;) {
        const ssize_t got = pread(descriptor, out + have, bytes - have, place + (int64_t)have);
        if (got < 0 && errno == EINTR) continue;
        TSR_REQUIRE(got >= 0, TSR_EDATA, "'%s' cannot be read at byte %lld: %s", path, (long long)place,
                    strerror(errno));
        TSR_REQUIRE(got > 0, TSR_EDATA,
                    "'%s' ends at byte %lld, where %zu more are needed: it was cut short, or has changed while it was "
                    "read",
                    path, (long long)place + (long long)have, bytes - have);
        have += (size_t)got;
    }
    return TSR_OK;
}

tsr_status tsr_open_files_read(tsr_open_files *files, int i, int64_t place, size_t bytes, void *out) {
    slot *at = NULL;
    int descriptor = -1;
    TSR_TRY(take(files, i, &at, &descriptor));
    const tsr_status status = read_all(descriptor, files->files->input[i].path, place, bytes, out);
    give_back(files, at, descriptor);
    return status;
}
