import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAccessToken } from '@studioops/contracts/access-tokens'
import { stepUp } from '@studioops/contracts/accounts'
import { askChat, createChat, getChat } from '@studioops/contracts/chats'
import {
  companyFileName,
  type CompanyTexts,
  saveCompanyCookie,
  saveCompanyFiles,
} from '@studioops/contracts/company-model'
import { saveModel } from '@studioops/contracts/connections'
import { createStory, writeStory } from '@studioops/contracts/stories'
import { expect, inject, it } from 'vitest'
import { demoCookie, demoModelKey, demoPeople } from '../../simulators/demo-data.ts'
import { startTestApp, type TestApp, testPassword } from '../test-app.ts'
import type { TestClient } from '../test-client.ts'
import { encodingsOf } from './secret-canaries.ts'
import { tablesOf } from './table-texts.ts'

const person = 'noa.levi'
const cookie = demoCookie(person)
/** In what is asked and answered: nobody's secret, and nothing for a log. */
const content = 'quokka-4711'

/** The company's model as it ships, at the simulator of this app. */
function companyFiles(app: TestApp): CompanyTexts {
  const shipped = join(import.meta.dirname, '../../../company-model')
  const read = (file: string) => readFileSync(join(shipped, file), 'utf8')
  const entries = companyFileName.options.map((file) => [
    file,
    read(file).replace('https://llm.corp.example', app.company.url),
  ])
  return Object.fromEntries(entries) as CompanyTexts
}

async function asked(client: TestClient, text: string): Promise<string> {
  const { chat } = await client.call(createChat, { body: {} })
  const params = { chatId: chat.id }
  const { run } = await client.call(askChat, { params, body: { text } })
  const events = await client.follow(run.id)
  return JSON.stringify([events, await client.call(getChat, { params })])
}

async function written(client: TestClient): Promise<string> {
  const { story } = await client.call(createStory, {
    body: { requirement: `Pay with ${content}`, format: 'classic', language: 'en' },
  })
  const { run } = await client.call(writeStory, { params: { storyId: story.id }, body: {} })
  return JSON.stringify(await client.follow(run.id))
}

it('gives no secret to a model, a log, an error or a stored run, and nothing of what is said to a log [SEC-8, SEC-14, AI-6]', async () => {
  await using app = await startTestApp({ postgres: inject('postgres'), logLevel: 'debug' })
  const client = await app.signedIn(person)
  await client.call(stepUp, { body: { password: testPassword } })
  const body = { name: 'editor', scopes: ['models.use' as const], days: 30 }
  const { secret: accessToken } = await client.call(createAccessToken, { body })
  await client.call(saveCompanyFiles, { body: { files: companyFiles(app), note: '' } })
  await client.call(saveCompanyCookie, { body: { cookie } })
  const told: string[] = []
  const tell = async () => {
    const question = `What of ${content} is in ${app.jira.url}/browse/PAY-1, and what is my token?`
    told.push(await asked(client, question), await written(client))
  }

  // By the company's model and its cookie, by a model with a key, and where each refuses.
  await tell()
  const ofCompany = app.model.prompts.length
  app.company.simulator.expire(person)
  await tell()
  const { url: baseUrl } = app.model
  const own = { baseUrl, model: 'demo-writer', apiKey: demoModelKey }
  await client.call(saveModel, { body: own })
  await tell()
  app.model.simulator.faults.set({ fault: { kind: 'status', status: 401, body: 'json' } })
  await tell()

  expect(ofCompany).toBeGreaterThan(0)
  expect(app.model.prompts.length).toBeGreaterThan(ofCompany)
  expect(app.model.prompts.join()).toContain(content)
  const secrets = {
    'the Jira token': demoPeople.find(({ name }) => name === person)?.personalAccessToken ?? '',
    'the key of the model': demoModelKey,
    'the cookie of the company': cookie,
    'the session': client.cookies.get('so_session') ?? '',
    'the access token': accessToken,
    'the password': testPassword,
    'the master key': app.masterKey.toString('hex'),
  }
  const places = {
    'a prompt': app.model.prompts.join('\n'),
    'an answer': told.join('\n'),
    'the log': app.logged.join('\n'),
    'a table': (await tablesOf(app.copy)).join('\n'),
  }
  for (const [name, value] of Object.entries(secrets)) {
    expect(value.length, name).toBeGreaterThan(7)
    for (const [where, text] of Object.entries(places))
      expect(
        encodingsOf(value).filter((one) => text.includes(one)),
        `${name} in ${where}`,
      ).toEqual([])
  }
  expect(places['a prompt']).toContain(content)
  expect(places['the log']).not.toContain(content)
})
