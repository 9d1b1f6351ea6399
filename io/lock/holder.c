#include "io/lock/holder.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BEGINNING "tessera 1 host="

/* One field: what cannot stand in it (spaces, controls) becomes '_'. */
static void put_field(const char *text, char out[TSR_HOLDER_FIELD_BYTES]) {
    snprintf(out, TSR_HOLDER_FIELD_BYTES, "%s", text ? text : "");
    for (char *c = out; *c; c++)
        if (*c <= ' ' || *c > '~') *c = '_';
}

/* The first line of a small file, without its end; "" if there is none. */
static void read_line(const char *path, char *line, int bytes) {
    FILE *file = fopen(path, "re");
    line[0] = '\0';
    if (!file) return;
    if (!fgets(line, bytes, file)) line[0] = '\0';
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
}

/* When a process began; 0: there is none, or it has ended and nobody has asked how. */
static int64_t start_of(int64_t pid) {
    char path[64], line[1024], life = 0;
    int64_t start = 0;
    snprintf(path, sizeof(path), "/proc/%" PRId64 "/stat", pid);
    read_line(path, line, sizeof(line));
    const char *name_end = strrchr(line, ')'); /* the name may hold anything */
    if (!name_end) return 0;
    const int fields = sscanf(name_end + 1,
                              " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
                              " %" SCNd64,
                              &life, &start);
    return fields == 2 && life != 'Z' && life != 'X' ? start : 0;
}

void tsr_holder_this(const char *command, tsr_holder *out) {
    char host[TSR_HOLDER_FIELD_BYTES] = "", boot[TSR_HOLDER_FIELD_BYTES];
    const char *restarts = getenv("SLURM_RESTART_COUNT");
    *out = (tsr_holder){.pid = getpid(), .restart = restarts ? strtol(restarts, NULL, 10) : 0};
    gethostname(host, sizeof(host) - 1);
    read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
    put_field(host, out->host);
    put_field(boot, out->boot);
    put_field(getenv("SLURM_JOB_ID"), out->job);
    put_field(command, out->command);
    out->start = start_of(out->pid);
    const time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) strftime(out->since, sizeof(out->since), "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* ---- the line ---- */

static const char *or_none(const char *text) { return *text ? text : "-"; }

static const char *or_empty(const char *text) { return strcmp(text, "-") == 0 ? "" : text; }

size_t tsr_holder_write(const tsr_holder *holder, char line[TSR_HOLDER_BYTES]) {
    const int length = snprintf(line, TSR_HOLDER_BYTES,
                                BEGINNING "%s pid=%" PRId64 " job=%s restart=%" PRId64
                                          " since=%s command=%s start=%" PRId64 " boot=%s\n",
                                or_none(holder->host), holder->pid, or_none(holder->job), holder->restart,
                                or_none(holder->since), or_none(holder->command), holder->start, or_none(holder->boot));
    return length < TSR_HOLDER_BYTES ? (size_t)length : TSR_HOLDER_BYTES - 1;
}

bool tsr_holder_is_torn(const char *line) {
    const size_t length = strlen(line), whole = sizeof(BEGINNING) - 1;
    return strchr(line, '\n') == NULL && memcmp(line, BEGINNING, length < whole ? length : whole) == 0;
}

bool tsr_holder_read(const char *line, tsr_holder *out) {
    char host[TSR_HOLDER_FIELD_BYTES], job[TSR_HOLDER_FIELD_BYTES], boot[TSR_HOLDER_FIELD_BYTES];
    char since[TSR_HOLDER_FIELD_BYTES], command[TSR_HOLDER_FIELD_BYTES];
    int64_t pid = 0, restart = 0, start = 0;
    const int fields = sscanf(line,
                              BEGINNING "%71s pid=%" SCNd64 " job=%71s restart=%" SCNd64
                                        " since=%71s command=%71s start=%" SCNd64 " boot=%71s",
                              host, &pid, job, &restart, since, command, &start, boot);
    if (fields != 8 || pid <= 0 || !strchr(line, '\n')) return false;
    *out = (tsr_holder){.pid = pid, .restart = restart, .start = start};
    put_field(or_empty(host), out->host);
    put_field(or_empty(job), out->job);
    put_field(or_empty(boot), out->boot);
    put_field(or_empty(since), out->since);
    put_field(or_empty(command), out->command);
    return true;
}

/* ---- what can be said of it ---- */

tsr_holder_fate tsr_holder_judge(const tsr_holder *holder, const tsr_holder *here) {
    if (strcmp(holder->host, here->host) != 0) {
        const bool is_requeued = *here->job && strcmp(holder->job, here->job) == 0 && holder->restart < here->restart;
        return is_requeued ? TSR_HOLDER_REQUEUED : TSR_HOLDER_AFAR;
    }
    const bool is_there = strcmp(holder->boot, here->boot) == 0 && start_of(holder->pid) == holder->start;
    return is_there && holder->start > 0 ? TSR_HOLDER_ALIVE : TSR_HOLDER_GONE;
}

void tsr_holder_tell(const tsr_holder *holder, char text[TSR_HOLDER_BYTES]) {
    const char *job = *holder->job ? ", Slurm job " : "";
    snprintf(text, TSR_HOLDER_BYTES, "process %" PRId64 " on host %s (tessera %s%s%s) since %s", holder->pid,
             holder->host, holder->command, job, holder->job, holder->since);
}
