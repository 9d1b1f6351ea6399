#!/bin/sh
# clang-format is the only arbiter of white space; shellcheck reads every script.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
find engine kernels io cli tests -name '*.[ch]' -exec clang-format-14 --dry-run -Werror {} + || bad=1
# shellcheck disable=SC2046
shellcheck -x $(find cmake jobs tests slurm -name '*.sh') .ci/run || bad=1
exit $bad
