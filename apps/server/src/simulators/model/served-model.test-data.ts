import { demoModelKey } from '../demo-data.ts'
import { serveSimulators } from '../serve.ts'
import {
  createModelSimulator,
  type ModelSimulator,
  type ModelSimulatorOptions,
} from './model-simulator.ts'

export type ServedModel = AsyncDisposable & {
  /** With `/v1`. */
  readonly url: string
  readonly simulator: ModelSimulator
  chat(body: object, key?: string): Promise<Response>
}

export async function serveModel(
  options: Partial<ModelSimulatorOptions> = {},
): Promise<ServedModel> {
  const served = await serveSimulators({
    '/model/v1': () =>
      createModelSimulator({
        keys: [demoModelKey],
        pace: { firstTokenMs: 0, gapMs: 0 },
        ...options,
      }),
  })
  const url = `${served.origin}/model/v1`
  return {
    url,
    simulator: served.simulators['/model/v1'],
    chat: (body, key = demoModelKey) =>
      fetch(`${url}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    [Symbol.asyncDispose]: () => served.close(),
  }
}

type Tags = {
  readonly format?: 'classic' | 'bdd'
  readonly language?: 'en' | 'he'
  readonly project?: string
  readonly instruction?: string
  readonly currentStory?: object
  readonly answers?: readonly string[]
}

/** A prompt as the product writes it. */
export function storyPrompt(requirement: string, tags: Tags = {}): string {
  const { format = 'classic', language = 'en', project = 'PAY', answers = [] } = tags
  return [
    `<requirement>${requirement}</requirement>`,
    `<format>${format}</format>`,
    `<language>${language}</language>`,
    `<project>${project}</project>`,
    ...answers.map(
      (answer) => `<clarification><question>q</question><answer>${answer}</answer></clarification>`,
    ),
    ...(tags.currentStory === undefined
      ? []
      : [`<current_story>${JSON.stringify(tags.currentStory)}</current_story>`]),
    ...(tags.instruction === undefined ? [] : [`<instruction>${tags.instruction}</instruction>`]),
  ].join('\n')
}

export const user = (content: string) => [{ role: 'user' as const, content }]
