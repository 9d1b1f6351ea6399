#include "io/result/result_layout.h"

#include <string.h>
#include <time.h>

enum { TIME_BYTES = 32, NS = 1000000000 };

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static void add_input(const tsr_input *input, tsr_contents *contents, int stage_group) {
    const time_t seconds = (time_t)(input->modified_ns / NS);
    char modified[TIME_BYTES] = "";
    struct tm parts;
    if (gmtime_r(&seconds, &parts) != NULL) strftime(modified, sizeof(modified), "%Y-%m-%dT%H:%M:%SZ", &parts);
    const int group = tsr_contents_group(contents, stage_group, file_name(input->path));
    tsr_contents_text(contents, group, "path", input->path);
    tsr_contents_text(contents, group, "sha256", input->sha256);
    tsr_contents_text(contents, group, "sha256_of",
                      tsr_input_is_sample(input) ? "a sample: the size and 64 pieces of 65536 bytes" : "all bytes");
    tsr_contents_integer(contents, group, "bytes", input->bytes);
    tsr_contents_text(contents, group, "modified", modified);
    tsr_contents_integer(contents, group, "modified_ns", input->modified_ns);
}

/* A group also for a stage that has read nothing, so that what is missing is not taken for nothing. */
void tsr_result_add_stage_inputs(const char *stage, int64_t inputs, const tsr_input *input, tsr_contents *contents,
                                 int parent) {
    const int group = tsr_contents_group(contents, parent, stage);
    tsr_contents_text(contents, group, "stage", stage);
    for (int64_t f = 0; f < inputs; f++) add_input(&input[f], contents, group);
}

void tsr_result_add_inputs(const tsr_run_record *record, tsr_contents *contents) {
    const int inputs = tsr_contents_group(contents, TSR_CONTENTS_ROOT, "inputs");
    for (int i = 0; i < tsr_outcome_stages(record->outcome); i++) {
        const tsr_stage_outcome *stage = tsr_outcome_stage(record->outcome, i);
        tsr_result_add_stage_inputs(stage->name, stage->inputs, stage->input, contents, inputs);
    }
}
