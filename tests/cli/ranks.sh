#!/bin/sh
# Under mpirun: one voice, one exit code, the same digest; advice where ranks and CPUs do not fit.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1

# ranks N CODE ARGUMENT...
ranks() {
    size=$1 wanted=$2
    shift 2
    called="mpirun -n $size tessera $*"
    timeout -k 5 60 mpirun -q -n "$size" "$TESSERA" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || fail "$called ended with $got, not $wanted: $(cat err)"
}

call 0 run pi.yaml --quiet --json
digest=$(sed -n 's/.*"digest": "\(.*\)",/\1/p' out)

for size in 1 2 3; do
    ranks $size 0 run pi.yaml --out "on$size.h5"
    has out "^digest  $digest$"
    has out "^time .* on $size ranks? x [0-9]+ threads?$"
    [ "$(grep -c '^digest' out)" -eq 1 ] || fail "$called: more than one rank prints"
done

ranks 2 0 run pi.yaml --out on2.h5 --force --quiet
is_empty out
is_empty err

# A job without a seed draws one, the same on every rank: the file names it, and it gives the same digest again.
sed '/^seed/d' pi.yaml >unseeded.yaml
ranks 2 0 run unseeded.yaml --out unseeded.h5 --json
drawn=$(sed -n 's/.*"digest": "\(.*\)",/\1/p' out)
seed=$(h5dump -a seed_text unseeded.h5 | sed -n 's/.*(0): "\([0-9]*\)".*/\1/p')
call 0 run unseeded.yaml --out seeded.h5 --set "seed=$seed"
has out "^digest  $drawn$"

# What the arguments tell is said once and without MPI; so is what the job tells, and what only rank 0 sees.
for words in --help --version kernels; do
    ranks 2 0 "$words"
    cp out twice
    call 0 "$words"
    cmp -s out twice || fail "mpirun -n 2 tessera $words prints other than tessera $words"
done
ranks 2 64 run pi.yaml --treads 1
[ "$(grep -c '^tessera: run: unknown option --treads' err)" -eq 1 ] || fail "$called: $(cat err)"
ranks 2 64 run nothing.yaml
[ "$(grep -c '^tessera: nothing.yaml: cannot open' err)" -eq 1 ] || fail "$called: $(cat err)"
ranks 3 64 run pi.yaml --set darts.items=-1
[ "$(grep -c '^tessera: ' err)" -eq 1 ] || fail "$called: $(cat err)"
ranks 2 64 run pi.yaml --out on1.h5
[ "$(grep -c '^tessera: on1.h5 exists' err)" -eq 1 ] || fail "$called: $(cat err)"

# mpirun binds a rank to one core: two threads there are refused with the command line that works.
ranks 1 64 run pi.yaml --threads 1000
has err '^tessera: this process may use 1 CPU but was given 1000 threads; start it with: mpirun .*run pi.yaml --threads'
ranks 1 0 run pi.yaml --force --threads 2 --oversubscribe
has err '^tessera: note: this process may use 1 CPU but was given 2 threads'
exit $bad
