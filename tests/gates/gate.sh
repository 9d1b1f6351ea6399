# shellcheck shell=sh
# Sourced by gates that need a build of their own.
cd "$(dirname "$0")/../.." || exit 1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMP_WAIT_POLICY=passive

configure() {
    mkdir -p "build/$1"
    cmake --preset "$1" >"build/$1/configure.log" 2>&1 || { tail -n 40 "build/$1/configure.log"; exit 1; }
}

# make PRESET TARGET...: builds build/PRESET.
make() {
    preset=$1
    shift
    configure "$preset"
    cmake --build "build/$preset" --parallel 2 --target "$@" >"build/$preset/build.log" 2>&1 ||
        { tail -n 40 "build/$preset/build.log"; exit 1; }
}

# tests PRESET NAME...: the unit tests of these modules, built and run.
tests() {
    preset=$1
    shift
    # shellcheck disable=SC2046
    make "$preset" $(printf 'test_%s ' "$@")
    ctest --test-dir "build/$preset" --no-tests=error --output-on-failure \
        --tests-regex "^test_($(printf '%s|' "$@")none)\$" || exit 1
}
