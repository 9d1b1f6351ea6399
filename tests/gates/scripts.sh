#!/bin/sh
# Every script, as shellcheck reads it.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck disable=SC2046
exec shellcheck -x $(find cmake jobs tests -name '*.sh') jobs/data/fetch .ci/run
