/* Fuzz target of the NumPy source. */
#include "io/data/npy_source.h"

#define FUZZED_SOURCE tsr_source_npy
#include "fuzz_source.h"
