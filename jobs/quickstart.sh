#!/bin/sh
# From a fresh Debian 12 to the main job's result: installs missing packages, builds, runs jobs/market-risk.yaml.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=cmake/prepare.sh
. cmake/prepare.sh

install_packages cmake/packages-build.txt
[ -x build/release/bin/tessera ] || say "The first build takes a minute or two"
build release tessera

mkdir -p build/results
say "Running jobs/market-risk.yaml"
build/release/bin/tessera run jobs/market-risk.yaml --out build/results/market-risk.h5 --force "$@"
