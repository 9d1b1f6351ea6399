#!/bin/sh
# Installs missing packages, builds, runs the tests. Arguments go to ctest: sh tests/run.sh -L unit; sh tests/run.sh -L long
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=cmake/prepare.sh
. cmake/prepare.sh

install_packages cmake/packages-build.txt cmake/packages-tests.txt
build release

say "Testing (long tests are left out; ask for them with -L long)"
[ $# -gt 0 ] || set -- -LE long
exec ctest --test-dir build/release --no-tests=error --output-on-failure --parallel 2 "$@"
