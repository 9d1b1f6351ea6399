#!/bin/sh
# The arrows of docs/architecture.md, as greps: who may include whom, and who may speak MPI, OpenMP, HDF5, GSL, YAML.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0

# deny WHAT PATTERN FOLDERS [FILES THAT MAY]: prints every line that breaks a rule.
deny() {
    what=$1 pattern=$2 folders=$3 may=${4:-^$}
    # shellcheck disable=SC2086
    hits=$(grep -nE "$pattern" -r $folders --include='*.c' --include='*.h' | grep -vE "^($may):")
    [ -z "$hits" ] && return
    printf '%s:\n%s\n' "$what" "$hits"
    bad=1
}

deny "engine includes nothing of the other folders" '#include "(kernels|io|cli)/' engine
deny "kernels include engine/kernel.h and their own folder only" '#include "(io|cli)/' kernels
deny "kernels see neither ranks, threads nor runs" '#include "engine/(comm|team|schedule|pass|run|worker|stage|outcome|reduce)' kernels
deny "io does not know kernels or commands" '#include "(kernels|cli)/' io
deny "MPI is spoken in engine/comm_mpi*.c only" 'MPI_[A-Z][a-z_]+\(|<mpi\.h>' "engine kernels io cli" 'engine/comm_mpi[a-z_]*\.c'
deny "parallel regions are in engine/team.c only; elsewhere: omp simd" '#pragma omp ([^s]|s[^i]|si[^m])' "engine kernels io cli" 'engine/team\.c'
deny "the OpenMP library is asked in engine/team.c, and for its places" '<omp\.h>' "engine kernels io cli" 'engine/(team|cpus)\.c'
deny "HDF5 is spoken in io only" '<hdf5(_hl)?\.h>' "engine kernels cli"
deny "GSL is spoken in kernels only" '<gsl/' "engine io cli"
deny "YAML is spoken in io/yaml* only" '<yaml\.h>' "engine kernels io cli" 'io/job/yaml[a-z_]*\.[ch]'
deny "kernels keep no hidden state, read no clock and print nothing" \
    '[^a-z_](rand|srand|drand48|random|time|clock|getenv|printf|puts|exit|abort)\(' kernels
deny "random numbers come from engine/stream.h only" '[^a-z_](rand|srand|drand48|random)\(' "engine io cli"
deny "no other program is started but by io/batch, and no shell at all" \
    '[^a-z_](system|popen|posix_spawnp?|wordexp|exec[lv][pe]*|v?fork)\(' "engine kernels io cli" 'io/batch/[a-z_]*\.c'
deny "no file is called util or common" '#include "[a-z/]*(util|common)' "engine kernels io cli tests"
exit $bad
