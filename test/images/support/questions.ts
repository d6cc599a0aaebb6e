import type { Language } from "./image";

/** Something that an agent of an image can be asked. */
export interface Question {
  readonly agent: string;
  readonly skill: string;
  readonly text: string;
}

/** Its answer has three or four parts: what takes the time is the pause after each. */
export const SHORT_QUESTIONS: Record<Language, Question> = {
  python: { agent: "research", skill: "summarize", text: "What is redis?" },
  typescript: { agent: "inventory", skill: "low-stock", text: "What runs low?" },
};

/** Its answer has a dozen parts. */
export const LONG_QUESTIONS: Record<Language, Question> = {
  python: { agent: "research", skill: "compare", text: "Compare kubernetes, cloud run, redis and postgres" },
  typescript: {
    agent: "inventory",
    skill: "stock-level",
    text: "SKU-12345, SKU-20010, SKU-33100 and SKU-41877",
  },
};
