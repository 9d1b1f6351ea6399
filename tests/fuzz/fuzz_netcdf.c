/* Fuzz target of the classic netCDF source. */
#include "io/data/netcdf_source.h"

#define FUZZED_SOURCE tsr_source_netcdf
#include "fuzz_source.h"
