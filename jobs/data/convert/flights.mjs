// Three million flights, Parquet to CSV.
// flights.mjs FOLDER PARQUET CSV: the folder with the unpacked npm packages hyparquet and fzstd.
// Refuses what is not the table that is known.
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, parquet, csv] = process.argv.slice(2)
const load = path => import(pathToFileURL(resolve(folder, path)))
const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await load('hyparquet/src/node.js')
const { decompress } = await load('fzstd/esm/index.mjs')

const anchors = {
  rows: 3000000n, delay: 20003603n, delay_squared: 3279422847n, distance: 2194861208n, least: -1116n, largest: 1688n,
}
const sums = { rows: 0n, delay: 0n, delay_squared: 0n, distance: 0n, least: 0n, largest: 0n }

function add({ delay, distance }) {
  sums.rows += 1n
  sums.delay += delay
  sums.delay_squared += delay * delay
  sums.distance += distance
  if (delay < sums.least) sums.least = delay
  if (delay > sums.largest) sums.largest = delay
}

// Times are local and whole minutes: 2001-01-14T21:55.
const line = row =>
  `${row.date.toISOString().slice(0, 16)},${row.delay},${row.distance},${row.origin},${row.destination}\n`

const file = await asyncBufferFromFile(parquet)
const metadata = await parquetMetadataAsync(file)
const compressors = { ZSTD: (bytes, length) => decompress(bytes, new Uint8Array(length)) }
const out = createWriteStream(csv)
out.write('date,delay,distance,origin,destination\n')
let rowStart = 0
for (const group of metadata.row_groups) {
  const rowEnd = rowStart + Number(group.num_rows)
  const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd })
  rows.forEach(add)
  if (!out.write(rows.map(line).join(''))) await once(out, 'drain')
  rowStart = rowEnd
}
out.end()
await once(out, 'finish')

for (const [name, value] of Object.entries(anchors))
  if (sums[name] !== value) {
    console.error(`flights.mjs: ${name} of these flights is ${sums[name]}, and ${value} was expected`)
    process.exitCode = 65
  }
