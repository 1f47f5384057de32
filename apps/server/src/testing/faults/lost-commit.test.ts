import { createProject, listProjects } from '@studioops/contracts/projects'
import { expect, inject, it } from 'vitest'
import { startTestApp } from '../test-app.ts'
import { openDatabaseLine } from './database-line.ts'

it('work whose COMMIT lost its answer is done once, however often it is sent again with its key [HLT-1, D-28]', async () => {
  const { host, port } = inject('postgres')
  await using line = await openDatabaseLine(`${host}/.s.PGSQL.${port}`)
  await using app = await startTestApp({
    through: (copy) => ({
      ...copy,
      target: { ...copy.target, host: '127.0.0.1', port: line.port },
    }),
  })
  const client = await app.signedIn()
  const send = () =>
    client.try(createProject, { body: { name: 'Once' } }, { 'idempotency-key': 'only-once' })

  line.set('lose-commit', 'insert into "projects"')
  const unclear = { status: 503, problem: { code: 'database.commit-unclear' } }
  expect(await send()).toMatchObject(unclear)
  line.set('none')
  expect(await send()).toMatchObject(unclear)

  const { projects } = await client.call(listProjects, { query: {} })
  expect(projects.map(({ name }) => name)).toEqual(['Once'])
  // Whoever means it has looked, and says so with another key.
  const again = { 'idempotency-key': 'once-more' }
  await client.call(createProject, { body: { name: 'Twice' } }, again)
})
