/* For tests: an outcome made by hand. Whoever includes this links its own tsr_outcome_stages and tsr_outcome_stage. */
#ifndef TSR_TESTS_OUTCOME_H
#define TSR_TESTS_OUTCOME_H

#include "engine/run.h"

struct tsr_outcome {
    int stages;
    const tsr_stage_outcome *stage;
};

int tsr_outcome_stages(const tsr_outcome *outcome) { return outcome->stages; }

const tsr_stage_outcome *tsr_outcome_stage(const tsr_outcome *outcome, int index) { return &outcome->stage[index]; }

/* The text that a print function writes; free it. */
#define PRINTED(text, call)                                                                                            \
    do {                                                                                                               \
        size_t printed_bytes = 0;                                                                                      \
        FILE *out = open_memstream(&(text), &printed_bytes);                                                           \
        assert_int_equal((call), TSR_OK);                                                                              \
        fclose(out);                                                                                                   \
    } while (0)

#endif
