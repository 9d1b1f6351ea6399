/* The survey before a stage is read by groups: which whole numbers its keys hold.
 * Layer 4. */
#ifndef TSR_ENGINE_GROUP_SURVEY_H
#define TSR_ENGINE_GROUP_SURVEY_H

#include "engine/stage.h"

/* Reads the keys of all items that the filter lets through, with all threads, and completes the keys that hold whole
 * numbers from the smallest to the largest of them. Every rank reads all: who has very many rows gives the numbers in
 * the job. A stage whose sizes are chosen. Not collective. TSR_EUSAGE: a number that is not whole, or too many groups;
 * as sources and maps fail. */
tsr_status tsr_group_survey(tsr_bound_stage *stage);

#endif
