#!/bin/sh
# valgrind sees what no compiler has prepared: values that nobody has set, also where libraries take them. Its wrapper of
# MPI is not used: it knows neither MPI_IN_PLACE nor the types of fixed width.
# shellcheck source=tests/gates/gate.sh
. "$(dirname "$0")/gate.sh"
make valgrind tessera test_csv_source test_image test_yaml test_stream
memcheck="valgrind --quiet --error-exitcode=99 --suppressions=/usr/share/openmpi/openmpi-valgrind.supp \
--suppressions=$PWD/tests/gates/memcheck.supp"
for name in csv_source image yaml stream; do
    # shellcheck disable=SC2086
    (cd build/valgrind && timeout 300 $memcheck "bin/test_$name") || exit 1
done
# shellcheck disable=SC2086
ITEMS=50000 JOBS=formulas exec sh tests/gates/life.sh $memcheck "$PWD/build/valgrind/bin/tessera"
