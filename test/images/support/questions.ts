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

/** Asked this, it asks its model: what it asks that, and what its answer says before the model's words. */
export const MODEL_QUESTIONS: Record<
  Language,
  Question & { readonly question: string; readonly before: string }
> = {
  python: { ...SHORT_QUESTIONS.python, question: SHORT_QUESTIONS.python.text, before: "" },
  typescript: {
    agent: "procurement",
    skill: "create-purchase-order",
    text: "300 of SKU-12345",
    question: "500 of SKU-12345 (roller bearing), from Nordic Bearings",
    before: "Order PO-",
  },
};
