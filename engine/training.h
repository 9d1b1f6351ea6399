/* Training: a sampling design that learns reads items before the first pass.
 * Layer 5. */
#ifndef TSR_ENGINE_TRAINING_H
#define TSR_ENGINE_TRAINING_H

#include "engine/stage_run.h"

/* Trains the designs of all points, one after the other, with the lessons that the run has already, and then with those
 * that it reads; does nothing where there is nothing to learn. What is learned comes from merged integers and is the
 * same on every rank. Collective; allocates run->lessons. The verdict is agreed. TSR_ECHECKPOINT: stored lessons do not
 * fit. */
tsr_status tsr_training_run(tsr_stage_run *run);

void tsr_lessons_clear(tsr_lessons *lessons);

#endif
