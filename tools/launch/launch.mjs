// From a fresh clone to a running product, on whatever Node is there: `node tools/launch/launch.mjs <verb>`.
import { join } from 'node:path'
import { isStopping, passSignalsOn, run, startServer, stopAll, stopWithNpm } from './children.mjs'
import { LaunchError } from './launch-error.mjs'
import { paint, say } from './progress.mjs'
import { commandOf, runtimeDirectory, serverFlags } from './project.mjs'
import { findNode } from './runtime.mjs'
import { buildWeb, installPackages } from './setup.mjs'

const server = join('apps', 'server', 'src', 'main.ts')
const simulators = join('apps', 'server', 'src', 'simulators', 'main.ts')
/** Node keeps compiled modules there, which makes every start but the first quicker. */
const cache = {
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(runtimeDirectory, 'cache'),
}

const script =
  (...path) =>
  (node, args) =>
    run(node, [join(...path), ...args])

/** `needs` are done before `run`, in this order; `run` gives the exit code. */
const verbs = {
  start: {
    does: 'run the product at http://localhost:8080',
    needs: [installPackages, buildWeb],
    run: (node, args) => startServer(node, [...serverFlags(), server, ...args], { env: cache }),
  },
  demo: {
    does: 'the same, straight into the demo workspace',
    needs: [installPackages, buildWeb],
    run: (node, args) =>
      startServer(node, [...serverFlags(), server, '--demo', ...args], { env: cache }),
  },
  dev: { does: 'run it and follow every change', needs: [installPackages], run: develop },
  test: {
    does: 'run the tests; arguments go to Vitest',
    needs: [installPackages, buildWeb],
    run: test,
  },
  check: {
    does: 'types, lint, format, documents and tests',
    needs: [installPackages, buildWeb],
    run: check,
  },
  build: { does: 'build the web application', needs: [installPackages, buildWeb], run: () => 0 },
  docs: {
    does: 'write the generated documents',
    needs: [installPackages],
    run: script('tools', 'docs', 'write-docs.ts'),
  },
  spec: {
    does: 'list the requirements with their tests',
    needs: [installPackages],
    run: script('tools', 'spec', 'spec.ts'),
  },
  bench: {
    does: 'measure speed and memory',
    needs: [installPackages, buildWeb],
    run: script('tools', 'bench', 'bench.ts'),
  },
  'bench:migrate': {
    does: 'measure the migration engine beside one bare session and other tools',
    needs: [installPackages],
    run: script('tools', 'bench', 'migrate.ts'),
  },
  'bench:stories': {
    does: 'take requirements from their first words to Jira with models that misbehave, and count',
    needs: [installPackages],
    run: script('tools', 'bench', 'stories.ts'),
  },
  'bench:newcomer': {
    does: 'measure the way from a fresh clone to a created issue',
    needs: [installPackages],
    run: script('tools', 'bench', 'newcomer.ts'),
  },
  simulators: {
    does: 'run the simulated Jira and model alone',
    needs: [installPackages],
    run: (node, args) => run(node, [simulators, ...args]),
  },
  campaign: {
    does: 'run every campaign and benchmark one after the other, and write the report',
    needs: [installPackages, buildWeb],
    run: script('tools', 'campaign', 'whole.ts'),
  },
  'chaos:approve': {
    does: 'kill the server again and again while a story is approved',
    needs: [installPackages, buildWeb],
    run: script('tools', 'chaos', 'approve.ts'),
  },
  'chaos:exactly-once': {
    does: 'create thousands of issues while answers are lost and workers are killed, and count them',
    needs: [installPackages],
    run: script('tools', 'chaos', 'exactly-once.ts'),
  },
  'chaos:uploads': {
    does: 'kill the server at random moments of uploads, and look what is lost and what is left',
    needs: [installPackages],
    run: script('tools', 'chaos', 'uploads.ts'),
  },
  'chaos:deletion': {
    does: 'delete thousands of projects while things are added and the server is killed, and look for traces',
    needs: [installPackages],
    run: script('tools', 'chaos', 'deletion.ts'),
  },
  'chaos:streams': {
    does: 'cut the connections of a thousand readers and kill the server, and compare every byte',
    needs: [installPackages],
    run: script('tools', 'chaos', 'streams.ts'),
  },
  'chaos:migrate': {
    does: 'kill the migration engine again and again, and compare what is left',
    needs: [installPackages],
    run: script('tools', 'chaos', 'migrate.ts'),
  },
  'campaign:security': {
    does: 'ask the product what nobody should ask, and count what it gives away',
    needs: [installPackages],
    run: script('tools', 'campaign', 'security.ts'),
  },
  'campaign:metadata': {
    does: 'create stories in generated Jiras of two hundred shapes',
    needs: [installPackages],
    run: script('tools', 'campaign', 'metadata.ts'),
  },
  'campaign:mcp': {
    does: 'have the MCP servers and the MCP client judged by others',
    needs: [installPackages],
    run: script('tools', 'campaign', 'mcp.ts'),
  },
  'campaign:poison': {
    does: 'let a model that obeys every stranger read poisoned things, and count what comes of it',
    needs: [installPackages],
    run: script('tools', 'campaign', 'poison.ts'),
  },
  'campaign:formats': {
    does: 'take documents through the four formats and back',
    needs: [installPackages],
    run: script('tools', 'campaign', 'formats.ts'),
  },
  'campaign:hostile-files': {
    does: 'send hostile files to the check of uploads and to the reader of documents',
    needs: [installPackages],
    run: script('tools', 'campaign', 'hostile-files.ts'),
  },
  'campaign:migrate': {
    does: 'try the migration engine on generated and on real histories',
    needs: [installPackages],
    run: script('tools', 'campaign', 'migrate.ts'),
  },
}

function test(node, args) {
  return run(node, [commandOf('vitest'), 'run', ...args])
}

async function develop(node, args) {
  const both = [
    run(node, ['--watch', '--watch-preserve-output', server, ...args]),
    run(node, [commandOf('vite'), 'apps/web']),
  ]
  const code = await Promise.race(both)
  stopAll('SIGTERM')
  await Promise.all(both)
  return code
}

/** Stops at the first that fails, and says what was and what was not looked at. */
async function check(node, args) {
  const steps = [
    { name: 'types', command: [commandOf('typescript', 'tsc'), '-b'] },
    { name: 'lint', command: [commandOf('oxlint'), '--deny-warnings'] },
    { name: 'format', command: [commandOf('oxfmt'), '--check', '.'] },
    { name: 'documents', command: [join('tools', 'docs', 'write-docs.ts'), '--check'] },
    { name: 'tests', command: [commandOf('vitest'), 'run', ...args] },
  ]
  const names = steps.map(({ name }) => name)
  for (const [index, { name, command }] of steps.entries()) {
    say(paint(`\n── ${name}`, 'bold'))
    const code = await run(node, command)
    if (code === 0) continue
    const before = names.slice(0, index).join(', ') || 'nothing yet'
    const after = names.slice(index + 1).join(', ') || 'nothing'
    say(paint(`\n── ${name} failed. In order: ${before}. Not looked at: ${after}.`, 'red'))
    return code
  }
  say(paint('\n── everything is in order', 'green'))
  return 0
}

function describeVerbs() {
  const width = Math.max(...Object.keys(verbs).map((name) => name.length))
  return Object.entries(verbs)
    .map(([name, { does }]) => `  ${name.padEnd(width)}  ${does}`)
    .join('\n')
}

async function launch([name = '', ...args]) {
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (verb === undefined) {
    const said = name === '' ? 'Say what to launch' : `There is nothing called "${name}" to launch`
    throw new LaunchError(`${said}. node tools/launch/launch.mjs with one of:\n${describeVerbs()}`)
  }
  const node = await findNode()
  for (const prepare of verb.needs) await prepare(node)
  if (isStopping()) return 130
  return verb.run(node, args)
}

passSignalsOn()
stopWithNpm()
try {
  process.exitCode = await launch(process.argv.slice(2))
} catch (error) {
  if (isStopping()) process.exitCode = 130
  else {
    say(error instanceof LaunchError ? paint(error.message, 'red') : error.stack)
    process.exitCode = 1
  }
}
