/* Fuzz target of the job file reader. The first line of the input is an override, if it begins with '='. */
#include "io/job/job.h"

#include "catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* What was accepted must come back from its own text as the same job. */
static void check_again(const tsr_job *job) {
    tsr_job *again = NULL;
    tsr_error_clear();
    tsr_status status = tsr_job_parse(job->resolved, strlen(job->resolved), "r.yaml", "", NULL, 0, &catalog, &again);
    if (status != TSR_OK || strcmp(again->resolved, job->resolved) != 0 || again->seed != job->seed) {
        fprintf(stderr, "%s\n%s", tsr_error_get()->message, job->resolved);
        abort();
    }
    tsr_job_destroy(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    char *override = NULL;
    if (bytes > 0 && data[0] == '=') {
        const uint8_t *end = memchr(data, '\n', bytes);
        size_t length = end == NULL ? bytes : (size_t)(end - data);
        override = strndup((const char *)data + 1, length - 1);
        data += length;
        bytes -= length;
    }
    tsr_job *job = NULL;
    tsr_error_clear();
    tsr_status status = tsr_job_parse((const char *)data, bytes, "j.yaml", "", (const char *const *)&override,
                                      override != NULL, &catalog, &job);
    if (status == TSR_OK) check_again(job);
    if (status != TSR_OK && tsr_error_get()->message[0] == '\0') abort();
    tsr_job_destroy(&job);
    free(override);
    return 0;
}
