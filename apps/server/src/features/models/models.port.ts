import type { ErrorCode } from '@studioops/contracts/errors'
import type { Language } from '@studioops/contracts/installation'
import type { ChatMessage, ReplyShape } from '../../integrations/llm/chat-request.ts'
import type { FinishReason, Usage } from '../../integrations/llm/completion-reader.ts'
import type { PromptFacts } from '../../integrations/llm/company/company-prompts.ts'
import type { Candidate } from '../../integrations/llm/failover.ts'
import type { ModelError } from '../../integrations/llm/model-error.ts'
import type {
  ToolCall,
  ToolCallDelta,
  ToolChoice,
  ToolOffer,
} from '../../integrations/llm/tool-calls.ts'
import type { AppError } from '../../platform/errors/app-error.ts'

/** What an answer is for, in the books. */
export type ModelPurpose = 'chat' | 'title' | 'story' | 'api' | 'document' | 'test'

/** A piece of text that was found for the question; what an offline answer is made of (D-9). */
export type Passage = {
  /** Given back with the citation. */
  readonly id: string
  readonly title: string
  readonly text: string
}

/** How the provider that is about to be asked wants to be spoken to. */
export type Voice = {
  /** Those of prompts.json, where the company's model has them; absent: the caller's own. */
  readonly company?: {
    systemPrompt(facts: PromptFacts): string
    repairPrompt(repair: { readonly problem: string; readonly language: Language }): string
  }
}

/** One question to whichever model can answer it. It names no provider. */
export type Question = {
  /** Whose rights, choice of a model and budget count. */
  readonly userId: string
  /** For the books only: rights were checked by whoever asks. */
  readonly projectId?: string | undefined
  readonly purpose: ModelPurpose
  /** Of what we say ourselves: the offline answer. */
  readonly language: Language
  /** Asked anew for each attempt. They may hold tool calls and what the tools said. */
  readonly messages: readonly ChatMessage[] | ((voice: Voice) => readonly ChatMessage[])
  /** The model only asks for them: the caller decides and acts, after `done` alone. */
  readonly tools?: readonly ToolOffer[] | undefined
  readonly toolChoice?: ToolChoice | undefined
  /** The answer is to be one JSON object; not together with `tools`. */
  readonly reply?: ReplyShape | undefined
  readonly maxOutputTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly callType?: 'chat' | 'stream' | 'refine' | 'validate' | undefined
  /** Of each attempt. Default 10 s, 15 s, 120 s. */
  readonly deadlines?: {
    readonly firstTokenMs?: number
    readonly idleMs?: number
    readonly totalMs?: number
  }
  /** The person's stop: the request to the provider is closed at once, `done` says `stopped`. */
  readonly signal?: AbortSignal | undefined
  /** An id of `models.list`, for this question alone; else the person's choice, else the order. */
  readonly choice?: string | undefined
  /** With these, a chain that is used up ends with the offline answer; without, with a refusal. */
  readonly passages?: readonly Passage[] | (() => Promise<readonly Passage[]>) | undefined
  /** What the last model had said before it broke off may stay, as `partial`. Default: no. */
  readonly keepsPartial?: boolean
}

export type AnswerEvent =
  /** A model is asked. From the second on: "continuing with …", and why. */
  | {
      readonly type: 'status'
      readonly provider: string
      readonly model: string
      readonly attempt: number
      readonly after?: ErrorCode
    }
  /** A sign of life; the text is for sending back with tools, not for showing by default. */
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'token'; readonly text: string }
  | { readonly type: 'tool'; readonly call: ToolCallDelta }
  /** Everything since the last `status` is void: show it as taken back, keep nothing of it. */
  | {
      readonly type: 'reset'
      readonly discarded: string
      readonly discardedCalls: number
      readonly reason: 'broke-off' | 'stalled'
      readonly code: ErrorCode
    }
  | ({ readonly type: 'usage' } & Usage)
  /** Always the last one. */
  | {
      readonly type: 'done'
      /** `offline`: composed from passages, `fallback` is true: it may cause nothing. */
      readonly state: 'complete' | 'partial' | 'offline' | 'stopped'
      readonly fallback: boolean
      /** What counts of the text: since the last `reset`. */
      readonly text: string
      /** To be sent back in the assistant's message of a round of tools. */
      readonly reasoning: string
      readonly toolCalls: readonly ToolCall[]
      /** `length`: whole, but cut by the limit of tokens. */
      readonly finishReason: FinishReason
      readonly provider: string
      readonly model: string
      readonly ttftMs?: number
      readonly usage?: Usage
      /** Of an offline answer: what `[1]`, `[2]` … stand for. */
      readonly citations?: readonly Passage[]
      /** Why it is not complete, for a person. */
      readonly reason?: AppError
    }

export type AnswerDone = Extract<AnswerEvent, { readonly type: 'done' }>
export type ToldEvent = Exclude<AnswerEvent, AnswerDone>

/**
 * Answers over the chain of providers: silently the next one before the first word, after it `reset`
 * and the next one from the start. `hear` is called in the turn in which something came: a loop over
 * words costs more than what is done in it.
 *
 * @returns the last word, which `hear` is not told
 * @throws AppError `model.not-configured`, `model.budget-spent`, `model.refused`, `model.too-long`;
 *   where there are no passages, why the chain was used up; what `hear` throws, and then the request
 *   to the provider is closed
 */
export type AskModels = (
  question: Question,
  hear?: (event: ToldEvent) => void,
) => Promise<AnswerDone>

/** A model that is open to a person, with what its provider wants. */
export type OpenedModel = {
  /** As `models.list` names it. */
  readonly id: string
  /** For people. */
  readonly provider: string
  readonly candidate: Omit<Candidate, 'messages'>
  readonly voice: Voice
  /** What a failure means for a person. */
  toRefusal(error: ModelError): AppError
  /** Real use is a test of the connection too. */
  noteUse(refusal: AppError | undefined): Promise<void>
}
