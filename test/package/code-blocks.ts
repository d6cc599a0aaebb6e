/** A block of code on a page. */
export interface CodeBlock {
  /** What follows its fence: `sh`. Empty for an output. */
  readonly language: string;
  readonly text: string;
}

/** The blocks of code of a Markdown page, in their order. */
export function findCodeBlocks(page: string): CodeBlock[] {
  return [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}
