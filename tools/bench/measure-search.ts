import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { type Database, openDatabase } from '../../apps/server/src/platform/db/database.ts'
import { startTemporaryPostgres } from '../../apps/server/src/platform/db/embedded/temporary-postgres.ts'
import { migrateDatabase } from '../../apps/server/src/platform/db/migrate-database.ts'
import { createLog } from '../../apps/server/src/platform/log/log.ts'
import { byRank, idfOf, saturation } from '../../apps/server/src/platform/search/rank.ts'
import { createSearchIndex } from '../../apps/server/src/platform/search/search-index.ts'
import {
  fuseRanks,
  likenesses,
  packVectors,
} from '../../apps/server/src/platform/search/vectors.ts'
import {
  embeddingDimensions,
  embeddingOf,
} from '../../apps/server/src/simulators/model/model-embeddings.ts'
import { questionTerms, termsOf } from '../../apps/server/src/platform/search/text-terms.ts'
import { englishPassages } from '../../apps/server/src/testing/retrieval/english-passages.ts'
import { hebrewPassages } from '../../apps/server/src/testing/retrieval/hebrew-passages.ts'
import { openPlainFullText } from '../../apps/server/src/testing/retrieval/plain-full-text.ts'
import { type Quality, qualityOf } from '../../apps/server/src/testing/retrieval/quality.ts'
import { atMost, type Line, median, quantile, spread } from './figures.ts'

type Size = { readonly chunks: number; readonly questions: number }

type Chunk = { readonly id: number; readonly text: string }

/** Numbers below 1 that are the same in each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Real words first, then made ones, so that their frequencies fall as those of a language do (Zipf). */
function vocabulary(random: () => number): string[] {
  const real = [...hebrewPassages, ...englishPassages].flatMap(
    ({ text }) => text.match(/\p{L}+/gu) ?? [],
  )
  const alphabets = ['אבגדהוזחטיכלמנסעפצקרשת', 'abcdefghijklmnoprstuvwy']
  const made = Array.from({ length: 30_000 }, (_, index) => {
    const letters = alphabets[index % 2] ?? ''
    const length = 4 + Math.floor(random() * 6)
    return Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join('')
  })
  return [...new Set([...real, ...made])]
}

const wordsPerChunk = 120

function corpus(count: number, words: readonly string[], random: () => number): Chunk[] {
  const word = () => words[Math.floor(words.length ** random()) - 1] ?? ''
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    text: Array.from({ length: wordsPerChunk }, word).join(' '),
  }))
}

/** Five words each: a common one, two of the middle and two rare ones. */
function ask(count: number, words: readonly string[], random: () => number): string[] {
  const from = (low: number, high: number) => words[low + Math.floor(random() * (high - low))] ?? ''
  return Array.from({ length: count }, () =>
    [from(0, 30), from(50, 550), from(50, 550), from(1_000, 9_000), from(1_000, 9_000)].join(' '),
  )
}

const chunksPerDocument = 2_000

/** A project with its chunks in our index, and the same texts as PostgreSQL would be given them. */
async function openProject(database: Database, owner: pg.Client, chunks: readonly Chunk[]) {
  const [userId, projectId] = [randomUUID(), randomUUID()]
  await owner.query(
    `insert into users (id, employee_id, name, email, display_name, hashed_password,
       encrypted_jira_pat, jira_url, jira_flavour, jira_token_hint, wrapped_key, role)
     values ($1, $2, $2, $2, $2, '', '', '', 'dc', '', '', 'member')`,
    [userId, userId.slice(0, 8)],
  )
  await owner.query('insert into projects (id, name, created_by) values ($1, $2, $3)', [
    projectId,
    'Search',
    userId,
  ])
  const index = createSearchIndex()
  const alive = new Set(chunks.map(({ id }) => id))
  const began = performance.now()
  for (let from = 0; from < chunks.length; from += chunksPerDocument) {
    const part = chunks.slice(from, from + chunksPerDocument)
    await database.asMaintenance((db) => index.add(db, projectId, part))
    const merge = () =>
      database.asMaintenance((db) => index.merge(db, projectId, async () => alive))
    while (await merge());
  }
  const megabytes = chunks.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0) / 1e6
  const rate = megabytes / ((performance.now() - began) / 1_000)
  return {
    rate,
    megabytes,
    search: async (question: string) => {
      const asked = { scopeIds: [projectId], question, limit: 10 }
      const hits = await database.readAsUser(userId, (db) => index.search(db, asked))
      return hits.map(({ id }) => id)
    },
    /** One more document of one chunk, without the merge, which comes later and for many. */
    add: (chunk: Chunk) => database.asMaintenance((db) => index.add(db, projectId, [chunk])),
  }
}

/** `ts_rank` over GIN, in a table of its own. */
async function openFullText(owner: pg.Client, chunks: readonly Chunk[]) {
  await owner.query('drop table if exists full_text')
  await owner.query(`create table full_text (id bigint, body text,
    words tsvector generated always as (to_tsvector('simple', body)) stored)`)
  for (let from = 0; from < chunks.length; from += chunksPerDocument) {
    const part = chunks.slice(from, from + chunksPerDocument)
    await owner.query(
      'insert into full_text (id, body) select * from unnest($1::bigint[], $2::text[])',
      [part.map(({ id }) => id), part.map(({ text }) => text)],
    )
  }
  await owner.query('create index on full_text using gin (words)')
  await owner.query('vacuum analyze full_text')
  return async (question: string): Promise<void> => {
    await owner.query(
      `select id from full_text, to_tsquery('simple', $1) asked
       where words @@ asked order by ts_rank(words, asked) desc limit 10`,
      [question.split(' ').join(' | ')],
    )
  }
}

async function timesOf(questions: readonly string[], ask: (question: string) => Promise<unknown>) {
  const times: number[] = []
  for (const question of questions) {
    const began = performance.now()
    await ask(question)
    times.push(performance.now() - began)
  }
  return times
}

async function timeToAdd(add: (chunk: Chunk) => Promise<void>, texts: readonly string[]) {
  const times: number[] = []
  for (const [index, text] of texts.entries()) {
    const began = performance.now()
    await add({ id: 1_000_000_000 + index, text })
    times.push(performance.now() - began)
  }
  return median(times)
}

/** The ten best of each question by reading every text. */
function bruteForce(chunks: readonly Chunk[], questions: readonly string[]): string[] {
  const asked = new Set(questions.flatMap((one) => questionTerms(one).map(({ term }) => term)))
  const dfs = new Map<string, number>()
  const read = chunks.map(({ id, text }) => {
    const { counts, length } = termsOf({ text })
    const known = [...counts].filter(([term]) => asked.has(term))
    for (const [term] of known) dfs.set(term, (dfs.get(term) ?? 0) + 1)
    return { id, counts: new Map(known), length }
  })
  const average = read.reduce((sum, { length }) => sum + length, 0) / read.length
  return questions.map((question) => {
    const terms = questionTerms(question).map((one) => ({
      ...one,
      idf: idfOf(dfs.get(one.term) ?? 0, read.length),
    }))
    return read
      .map(({ id, counts, length }) => {
        let score = 0
        for (const { term, weight, idf } of terms) {
          const count = counts.get(term) ?? 0
          if (count > 0) score += weight * idf * saturation(count, length, average)
        }
        return { id, score }
      })
      .filter(({ score }) => score > 0)
      .toSorted(byRank)
      .slice(0, 10)
      .map(({ id }) => id)
      .join()
  })
}

const bench = 'search'

async function measureOne(
  database: Database,
  owner: pg.Client,
  { chunks: count, questions }: Size,
) {
  const random = seeded(count)
  const words = vocabulary(random)
  const chunks = corpus(count, words, random)
  // Words that nobody has written lead to similar ones, which brute force does not look for.
  const written = new Set(chunks.flatMap(({ text }) => text.split(' ')))
  const known = words.filter((word) => written.has(word))
  const asked = ask(questions, known, random)
  const project = await openProject(database, owner, chunks)
  const fullText = await openFullText(owner, chunks)
  const compared = asked.slice(0, 30)
  const best = bruteForce(chunks, compared)
  const first = await timesOf(asked, project.search)
  let equal = 0
  for (const [index, question] of compared.entries())
    if (String(await project.search(question)) === best[index]) equal += 1
  // In turns, so that what else the machine does slows both.
  const [ours, theirs]: [number[], number[]] = [[], []]
  const share = Math.ceil(asked.length / compared.length)
  for (const [index, question] of compared.entries()) {
    theirs.push(...(await timesOf([question], fullText)))
    ours.push(...(await timesOf(asked.slice(index * share, (index + 1) * share), project.search)))
  }
  const added = await timeToAdd(
    project.add,
    chunks.slice(0, 30).map(({ text }) => text),
  )
  return { count, first, ours, theirs, equal, added, rate: project.rate }
}

type Measured = Awaited<ReturnType<typeof measureOne>>

function linesOf({ count, first, ours, theirs, equal, rate }: Measured): Line[] {
  const faster = median(theirs) / median(ours)
  const of = `${count.toLocaleString('en')} chunks:`
  return [
    {
      bench,
      what: `${of} question of five words, ms`,
      value: `${median(ours).toFixed(1)}, p99 ${quantile(ours, 0.99).toFixed(1)}`,
    },
    {
      bench,
      what: `${of} the same for the first time, ms`,
      value: `${median(first).toFixed(1)}, p99 ${quantile(first, 0.99).toFixed(1)}`,
    },
    {
      bench,
      what: `${of} ts_rank over GIN, ms (times ours)`,
      value: `${spread(theirs)} (${faster.toFixed(0)}x)`,
      ...(count >= 100_000 ? { aim: { text: '≥ 50x', isMet: faster >= 50 } } : {}),
    },
    {
      bench,
      what: `${of} top ten as brute force, of 30`,
      value: String(equal),
      aim: { text: '30', isMet: equal === 30 },
    },
    { bench, what: `${of} text added, MB/s`, value: rate.toFixed(1) },
  ]
}

/** How well questions are answered, beside PostgreSQL's `simple` configuration. */
async function measureQuality(database: Database, owner: pg.Client): Promise<Line[]> {
  const sets = { Hebrew: hebrewPassages, English: englishPassages }
  const lines: Line[] = []
  for (const [language, passages] of Object.entries(sets)) {
    const chunks = passages.map(({ name, text }, id) => ({ id, name, text }))
    const project = await openProject(database, owner, chunks)
    const ours = await qualityOf(passages, async (question) =>
      (await project.search(question)).map((id) => passages[id]?.name ?? ''),
    )
    const vectors = packVectors(
      chunks.map(({ name, text }) => Float32Array.from(embeddingOf(`${name}\n${text}`))),
    )
    const packed = { dimensions: embeddingDimensions, ids: [...chunks.keys()], bytes: vectors }
    const fused = await qualityOf(passages, async (question) => {
      const near = [...likenesses(packed, Float32Array.from(embeddingOf(question)))]
        .toSorted((one, other) => other.score - one.score)
        .slice(0, 20)
      const orders = [await project.search(question), near.map(({ id }) => id)]
      return fuseRanks(orders).map(({ id }) => passages[id]?.name ?? '')
    })
    const plain = await qualityOf(passages, await openPlainFullText(owner, passages))
    const beside = (measure: keyof Quality) =>
      `${ours[measure].toFixed(3)} beside ${plain[measure].toFixed(3)}`
    const better = ours.ndcg / plain.ndcg
    lines.push(
      {
        bench,
        what: `${language}: nDCG@10`,
        value: beside('ndcg'),
        aim: { text: '≥ 1.2x', isMet: better >= 1.2 },
      },
      { bench, what: `${language}: recall@10`, value: beside('recall') },
      {
        bench,
        what: `${language}: nDCG@10, recall@10 with the vectors of the simulator`,
        value: `${fused.ndcg.toFixed(3)}, ${fused.recall.toFixed(3)}`,
      },
    )
  }
  return lines
}

/** Questions over a small and a ten times larger project, beside PostgreSQL's own ranking. */
export async function measureSearch(size: Size): Promise<Line[]> {
  await using opened = new AsyncDisposableStack()
  const server = await startTemporaryPostgres()
  opened.defer(() => server.stop())
  const target = { ...server.connection, database: 'postgres' }
  const reached = { target, roles: 'switched' } as const
  await migrateDatabase(reached, { appVersion: 'bench' })
  const database = opened.use(openDatabase(reached, createLog({ level: 'silent' })))
  const owner = new pg.Client(target)
  await owner.connect()
  opened.defer(() => owner.end())
  const small = await measureOne(database, owner, { ...size, chunks: size.chunks / 10 })
  const large = await measureOne(database, owner, size)
  const quality = await measureQuality(database, owner)
  const growth = median(large.ours) / median(small.ours)
  const adding = large.added / small.added
  return [
    ...quality,
    ...linesOf(small),
    ...linesOf(large),
    {
      bench,
      what: 'ten times the chunks cost',
      value: `${growth.toFixed(1)}x`,
      aim: atMost(growth, 7, 'x'),
    },
    {
      bench,
      what: 'adding a document to ten times the chunks costs',
      value: `${adding.toFixed(2)}x`,
      aim: atMost(adding, 1.5, 'x'),
    },
  ]
}
