#!/bin/sh
# clang-tidy's checks of MPI (types of buffers, requests without a wait, two of them in one place) where MPI is spoken.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck disable=SC2046
exec clang-tidy-14 --quiet '-checks=-*,mpi-*,clang-analyzer-optin.mpi.*' engine/comm_mpi*.c -- -std=gnu17 -D_GNU_SOURCE -I. \
    $(mpicc --showme:compile)
