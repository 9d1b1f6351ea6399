// Mean, sd, least, largest, skewness, kurtosis (and a histogram) of x by DuckDB, out of a database file of its own.
// describe_duckdb.mjs NPY THREADS [BINS]: makes NPY.duckdb of the doubles once; that is not timed.
import { existsSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { DuckDBDataChunk, DuckDBInstance, DOUBLE, version } from '@duckdb/node-api'

const [npy, threads, bins] = process.argv.slice(2)
const path = `${npy}.duckdb`
const HEADER = 128
const ROWS = 2048

async function load() {
  const instance = await DuckDBInstance.create(`${path}.part`)
  const connection = await instance.connect()
  await connection.run('create table t (x double)')
  const appender = await connection.createAppender('t')
  const file = openSync(npy, 'r')
  const values = new Float64Array(ROWS)
  for (let at = HEADER; at < statSync(npy).size; at += ROWS * 8) {
    const count = readSync(file, values, 0, ROWS * 8, at) / 8
    const chunk = DuckDBDataChunk.create([DOUBLE], count)
    chunk.setColumnValues(0, Array.from(values.subarray(0, count)))
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
  connection.closeSync()
  instance.closeSync()
  renameSync(`${path}.part`, path)
}

if (!existsSync(path)) await load()
const instance = await DuckDBInstance.create(path, { threads, access_mode: 'READ_ONLY' })
const connection = await instance.connect()
const moments = `select avg(x) as mean, stddev_samp(x) as sd, min(x) as minimum, max(x) as maximum,
                        skewness(x) as skewness, kurtosis(x) as kurtosis from t`
const counts = `select floor(x / (200.0 / ${bins})) as bin, count(*) as items from t group by bin`
await connection.runAndReadAll('select sum(x) from t')

const wall = performance.now()
const cpu = process.cpuUsage()
const answer = (await connection.runAndReadAll(moments)).getRowObjects()[0]
if (bins) {
  const rows = (await connection.runAndReadAll(counts)).getRowObjects()
  answer.bin = Number(rows.find(row => row.bin === bins / 2).items)
}
const { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({
  wall_s: (performance.now() - wall) / 1e3, cpu_s: (user + system) / 1e6, version: `DuckDB ${version()}`, answer,
}))
