#!/bin/sh
# cppcheck over everything that is not a test. cppcheck.cfg tells it what does not return, cppcheck.supp what it gets wrong.
set -eu
cd "$(dirname "$0")/../.."
exec cppcheck -j2 --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 -I. -D_GNU_SOURCE \
    -D__x86_64__ --library=tests/gates/cppcheck.cfg --suppressions-list=tests/gates/cppcheck.supp engine kernels io cli
