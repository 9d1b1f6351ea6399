#include "engine/accuracy.h"

double tsr_accuracy_cost(double error, double core_seconds) { return error * error * core_seconds; }

double tsr_accuracy_gain(double variance, int64_t items, double error) {
    return variance / (double)items / (error * error);
}
