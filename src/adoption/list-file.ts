import { ts } from "ts-morph";

/** Longest line of the project's formatter. */
const WIDTH = 110;

/** `agents/index.ts` or `stacks/environments/index.ts`: imports of the files beside it, and one list of what they export. */
export class ListFile {
  private constructor(
    private readonly head: string,
    private readonly tail: string,
    private readonly opening: string,
    private readonly foreign: readonly string[],
    /** What is listed, in order, by the file that it comes from, without `.ts`. */
    readonly entries: ReadonlyMap<string, string>,
  ) {}

  /** @returns undefined where the text is of another form, which somebody has to change by hand */
  static parse(text: string): ListFile | undefined {
    const list = /^(export const \w+: readonly \w+\[\] = )\[([^\]]*)\];$/m.exec(text);
    if (list === null) return undefined;
    const imports = [...text.matchAll(/^import .*;$/gm)].map(([line]) => line);
    const files = new Map<string, string>();
    for (const line of imports) {
      const [, name, file] = /^import \{ (\w+) \} from "\.\/([\w/-]+)";$/.exec(line) ?? [];
      if (name !== undefined && file !== undefined) files.set(name, file);
    }
    const [, opening = "", body = ""] = list;
    const names = body.split(",").flatMap((name) => name.trim() || []);
    if (names.some((name) => !files.has(name))) return undefined;
    const lastImport = imports.at(-1) ?? "";
    const start = text.indexOf(lastImport) + lastImport.length;
    return new ListFile(
      text.slice(0, text.indexOf(imports[0] ?? "")),
      text.slice(list.index + list[0].length),
      text.slice(start, list.index) + opening,
      imports.filter((line) => !/^import \{ \w+ \} from "\.\/[\w/-]+";$/.test(line)),
      new Map(names.map((name) => [files.get(name) ?? "", name])),
    );
  }

  with(entries: ReadonlyMap<string, string>): ListFile {
    return new ListFile(this.head, this.tail, this.opening, this.foreign, entries);
  }

  /** The file, as the project's formatter leaves it. */
  toString(): string {
    const own = [...this.entries]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([file, name]) => `import { ${name} } from "./${file}";`);
    const names = [...this.entries.values()];
    const opening = this.opening.slice(this.opening.lastIndexOf("\n") + 1);
    const short = `[${names.join(", ")}];`;
    const list =
      opening.length + short.length <= WIDTH ? short : `[\n${names.map((name) => `  ${name},\n`).join("")}];`;
    return `${this.head}${[...this.foreign, ...own].join("\n")}${this.opening}${list}${this.tail}`;
  }
}

/** A name as code calls it: `order-desk` is `orderDesk`, and what the language keeps to itself is `newAgent`. */
export function inCode(name: string): string {
  const word = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const token = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, word).scan();
  return token === ts.SyntaxKind.Identifier ? word : `${word}Agent`;
}
