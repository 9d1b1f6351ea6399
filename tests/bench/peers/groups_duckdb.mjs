// Mean, sd and number of delays by origin of the flights, by DuckDB from the CSV file.
// groups_duckdb.mjs CSV THREADS
import { DuckDBInstance, version } from '@duckdb/node-api'

const [csv, threads] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:', { threads })
const connection = await instance.connect()
const query = `select origin, count(delay) as n, avg(delay) as mean, stddev_samp(delay) as sd
               from read_csv('${csv}', header = true) group by origin`

const wall = performance.now()
const cpu = process.cpuUsage()
const rows = (await connection.runAndReadAll(query)).getRowObjects()
const ord = rows.find(row => row.origin === 'ORD')
const { user, system } = process.cpuUsage(cpu)
console.log(JSON.stringify({
  wall_s: (performance.now() - wall) / 1e3, cpu_s: (user + system) / 1e6, version: `DuckDB ${version()}`,
  answer: { groups: rows.length, ORD: ord.mean, 'ORD sd': ord.sd },
}))
