# How every file is compiled: the same arithmetic with every compiler and at every level of optimisation.
# -ffp-contract=off: a fused multiply-add only where the source says fma(); the other two let loops vectorise
# without changing a bit of a result.
add_library(tsr_flags INTERFACE)
target_include_directories(tsr_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_definitions(tsr_flags INTERFACE _GNU_SOURCE)
target_compile_options(
  tsr_flags INTERFACE -ffp-contract=off -fno-math-errno -fno-trapping-math -fno-semantic-interposition
                      -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)
add_library(tsr_warnings INTERFACE)
target_compile_options(
  tsr_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wmissing-prototypes -Wstrict-prototypes -Wconversion -Wshadow -Wpointer-arith
            -Wcast-align -Wcast-qual -Wwrite-strings -Wnested-externs -Wvla -Wundef -fno-common
            $<$<BOOL:${TESSERA_WERROR}>:-Werror>)
set(CMAKE_C_FLAGS_RELEASE "-O3 -g1")

# The baseline has 256-bit vectors and fma; x86-64-v4 adds 512-bit vectors. Other processors: one build.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(TSR_BASELINE -march=x86-64-v3)
  set(TSR_WIDE -march=x86-64-v4 -mprefer-vector-width=512)
endif()
