/* The holder of a run lock: the line in the file that says who it is, and whether that process can still be there. */
#ifndef TSR_IO_HOLDER_H
#define TSR_IO_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TSR_HOLDER_BYTES = 768, TSR_HOLDER_FIELD_BYTES = 72 };

typedef struct {
    char host[TSR_HOLDER_FIELD_BYTES];
    char boot[TSR_HOLDER_FIELD_BYTES]; /* of the host, so that a pid of today is not taken for one of yesterday */
    int64_t pid;
    int64_t start;                    /* of the process, in the kernel's ticks */
    char job[TSR_HOLDER_FIELD_BYTES]; /* of the batch system; "" outside */
    int64_t restart;                  /* how often the job was requeued */
    char since[TSR_HOLDER_FIELD_BYTES];
    char command[TSR_HOLDER_FIELD_BYTES];
} tsr_holder;

/* What can be said of a holder from here. */
typedef enum {
    TSR_HOLDER_ALIVE,    /* its process runs on this host */
    TSR_HOLDER_GONE,     /* it ran on this host */
    TSR_HOLDER_REQUEUED, /* it was an earlier life of this job of the batch system, so it has ended */
    TSR_HOLDER_AFAR      /* it is on another host: who knows */
} tsr_holder_fate;

/* All but _this (environment) are thread-safe; none allocates. */

/* This process. command: one word. */
void tsr_holder_this(const char *command, tsr_holder *out);

/* The line, ending with a newline; its length. */
size_t tsr_holder_write(const tsr_holder *holder, char line[TSR_HOLDER_BYTES]);

/* False: no such line, or not all of it. line ends with '\0'. */
bool tsr_holder_read(const char *line, tsr_holder *out);

/* The beginning of a line, or nothing: whoever wrote it did not live to its end. line ends with '\0'. */
bool tsr_holder_is_torn(const char *line);

tsr_holder_fate tsr_holder_judge(const tsr_holder *holder, const tsr_holder *here);

/* "process 77 on host n1 (tessera run, Slurm job 4711) since 2026-11-21T10:00:00Z" */
void tsr_holder_tell(const tsr_holder *holder, char text[TSR_HOLDER_BYTES]);

#endif
