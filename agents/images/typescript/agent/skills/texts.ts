/** Words and sentences, for skills that do without a text generator. */

const TOO_COMMON = new Set(
  (
    "a about an and are as at be by can do does for from has have how in is it its of on or our say says" +
    " that the their they this to was we what when which who why will with you your"
  ).split(" "),
);

/** The words that say what a text is about, in lower case and without the plural's s. */
export function wordsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[a-z0-9][a-z0-9-]+/g) ?? [];
  return new Set(
    words
      .filter((word) => !TOO_COMMON.has(word))
      .map((word) => (word.length > 3 ? word.replace(/s$/, "") : word)),
  );
}

export function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter(Boolean);
}

/** How much two texts are about the same. */
export function sharedWords(one: string, other: string): number {
  return wordsOf(one).intersection(wordsOf(other)).size;
}
