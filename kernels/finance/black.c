#include "kernels/finance/black.h"

#include "kernels/laws/normal_tail.h"

double tsr_black_mean(double forward, double strike, double deviation, bool put) {
    const double sign = put ? -1.0 : 1.0, gain = sign * (forward - strike);
    if (deviation == 0.0) return gain > 0.0 ? gain : 0.0;
    const double middle = tsr_log(forward / strike) / deviation, half = 0.5 * deviation;
    const double asset = tsr_normal_tail(-sign * (middle + half)), exercise = tsr_normal_tail(-sign * (middle - half));
    const double mean = sign * (forward * asset - strike * exercise);
    return mean > 0.0 ? mean : 0.0;
}
