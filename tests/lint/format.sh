#!/bin/sh
# clang-format is the only arbiter of white space.
set -eu
cd "$(dirname "$0")/../.."
exec find engine kernels io cli tests -name '*.[ch]' -exec clang-format-14 --dry-run -Werror {} +
