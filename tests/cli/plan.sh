#!/bin/sh
# A plan tells stages, points, tiles, memory and time, computes nothing that is kept, and warns of too few tiles.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

call 0 plan pi.yaml --threads 2
is_empty err
has out '^pi on 1 rank x 2 threads, seed 1$'
has out '^STAGE +SOURCE +POINTS +ITEMS +TILE +TILES +MEMORY +TIME$'
has out '^darts +pi +1 +100,000 +1,024 +98 +[0-9.]+ [KM]?i?B?'
has out 'time is a guess from one tile: .* in all\.$'
grep -q 'fewer than' out && fail "98 tiles are enough for 2 threads: $(cat out)"

call 0 plan pi.yaml --ranks 5 --threads 5 --set items=2.5e8 --set tile_items=5e6
has out '^pi on 5 ranks x 5 threads'
has out '^darts has 50 tiles for 25 threads; with fewer than 4 tiles a thread some threads wait'

call 0 plan pi.yaml --set 'darts.source={european: {}}' --set 'sweep={strike: [90, 110, 130]}'
has out '^darts +european +3 +100,000 +1,024 +294 '

[ "$(find . -type f | sort | tr '\n' ' ')" = './err ./out ./pi.yaml ' ] || fail "a plan left files: $(ls -A)"
exit $bad
