import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./rehearsal-project";

/** A page that the repository has for readers. */
export interface Page {
  /** Its place in the repository: `docs/operate.md`. */
  readonly file: string;
  readonly text: string;
}

/** Every page for readers, the README first. What `npm run api` writes is nobody's page. */
export function readPages(): Page[] {
  const markdownIn = (folder: string) =>
    readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => join(folder, file))
      .toSorted();
  return [
    "README.md",
    "CONTRIBUTING.md",
    "agents/images/README.md",
    ...markdownIn("docs").filter((file) => !/^docs\/(?:api|reference)\//.test(file)),
    ...markdownIn("src"),
  ].map((file) => ({ file, text: readFileSync(join(REPOSITORY, file), "utf8") }));
}

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

/** The pattern of an output that a page shows: `…` stands for whatever is there. */
export function patternOf(output: string): RegExp {
  const literal = output
    .trim()
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(literal.join("[\\s\\S]*"));
}
