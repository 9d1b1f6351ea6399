#!/bin/sh
# Every command explains itself, on stdout, with exit code 0; so does the program.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

commands="run plan kernels inspect version help"
for command in $commands; do
    call 0 "$command" --help
    is_empty err
    if [ "$command" != help ]; then
        has out "^Usage: tessera $command"
        has out '^Examples:'
        has out "^  tessera .*$command"
        cp out expected
        call 0 help "$command"
        cmp -s out expected || fail "help $command differs from $command --help"
        call 0 "$command" -h
        cmp -s out expected || fail "$command -h differs from $command --help"
    fi
done

for words in --help -h help; do
    call 0 "$words"
    is_empty err
    for command in $commands; do has out "^  $command +[A-Z]"; done
done

call 64
is_empty out
has err '^Usage: tessera COMMAND'
has err '^tessera: no command given$'

for words in --version -V version; do
    call 0 "$words"
    has out '^tessera [0-9]+\.[0-9]+\.[0-9]+$'
    has out '^revision   ([0-9a-f]{12}(-dirty)?|unknown)$'
    has out '^compiler   [A-Za-z]+ [0-9.]+, [A-Z][a-z]+'
    has out '^vectors    (256|512) bits$'
    has out '^generator  threefry'
    has out '^libraries  .*hdf5 [0-9.]+'
done

# The options of run are all explained.
call 0 run --help
for option in --set --out --force --threads --oversubscribe --quiet --json --shuffle-tiles; do
    has out "^  .*$option( |$).*[a-z]"
done
exit $bad
