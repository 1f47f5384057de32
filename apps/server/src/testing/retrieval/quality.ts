import type { JudgedPassage } from './judged-passage.ts'

/** The passage that answers counts 3, one that helps counts 1 (gain = 2^grade - 1). */
const grades = { answers: 3, helps: 1 }

type Question = {
  readonly text: string
  /** By name of the passage. */
  readonly grades: ReadonlyMap<string, number>
}

function questionsOf(passages: readonly JudgedPassage[]): Question[] {
  return passages.flatMap(({ name, questions, related }) =>
    questions.map((text) => ({
      text,
      grades: new Map([
        ...related.map((one) => [one, grades.helps] as const),
        [name, grades.answers] as const,
      ]),
    })),
  )
}

const gain = (grade: number, place: number) => (2 ** grade - 1) / Math.log2(place + 2)

/** Discounted gain of the first ten, as a part of the best that is possible (Järvelin and Kekäläinen 2002). */
function ndcgAt10(found: readonly string[], { grades: judged }: Question): number {
  const dcg = found
    .slice(0, 10)
    .reduce((sum, name, place) => sum + gain(judged.get(name) ?? 0, place), 0)
  const best = [...judged.values()].toSorted((one, other) => other - one).slice(0, 10)
  return dcg / best.reduce((sum, grade, place) => sum + gain(grade, place), 0)
}

/** The part of the passages with a grade that is among the first ten. */
function recallAt10(found: readonly string[], { grades: judged }: Question): number {
  const first = new Set(found.slice(0, 10))
  return [...judged.keys()].filter((name) => first.has(name)).length / judged.size
}

export type Quality = { readonly ndcg: number; readonly recall: number }

/** Means over all questions about the passages. @param find names of passages, best first */
export async function qualityOf(
  passages: readonly JudgedPassage[],
  find: (question: string) => Promise<readonly string[]>,
): Promise<Quality> {
  const questions = questionsOf(passages)
  let [ndcg, recall] = [0, 0]
  for (const question of questions) {
    const found = await find(question.text)
    ndcg += ndcgAt10(found, question) / questions.length
    recall += recallAt10(found, question) / questions.length
  }
  return { ndcg, recall }
}
