import { job, writeFiles } from './files.mjs'

await writeFiles(Object.fromEntries(job.migrations.map(({ id, sql }) => [`${id}.sql`, sql])))
// In this process, so that it is this that a trial kills.
process.argv.splice(2, Infinity, job.verb, '--dir', job.directory, '--url', job.url)
await import(job.program)
