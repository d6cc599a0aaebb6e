import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { refusalsPage } from "../docs/refusals-page";
import { settingsPage } from "../docs/settings-page";
import { readPages } from "../support/pages";

const ROOT = join(__dirname, "../..");

const DOCUMENTS = readPages();

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** `npm run <script> -- <words>`, wherever it stands. */
function commandsIn(text: string): { readonly script: string; readonly words: string }[] {
  return [...text.matchAll(/npm run (?:-s |--silent )?([\w:-]+)(?: -- ([^`\n#|&]*))?/g)].map(
    ([, script = "", words = ""]) => ({ script, words }),
  );
}

test("the pages that come from the sources are as `npm run docs` writes them", () => {
  expect(readFileSync(join(ROOT, "docs/refusals.md"), "utf8")).toBe(refusalsPage());
  expect(readFileSync(join(ROOT, "docs/settings.md"), "utf8")).toBe(settingsPage());
});

test("the two commands of a newcomer stand in the README as they are run", () => {
  const readme = DOCUMENTS[0]?.text ?? "";
  const shown = [...readme.matchAll(/```sh\n(.*)\n```/g)].map(([, line]) => line);
  expect(shown.slice(0, 2)).toEqual(["npm ci && npm run rehearse -- staging", "npm ci && npm test"]);
});

test("every `npm run` of a document is a script", () => {
  const wrong = DOCUMENTS.flatMap(({ file, text }) =>
    commandsIn(text)
      .filter(({ script }) => !(script in scripts))
      .map(({ script }) => `${file}: npm run ${script}`),
  );
  expect(wrong).toEqual([]);
});

test("every script has its line on the page of commands", () => {
  const page = readFileSync(join(ROOT, "docs/commands.md"), "utf8");
  const told = new Set([...page.matchAll(/`npm (?:run )?([\w:-]+)/g)].map(([, script]) => script));
  // npm's own, when it packs.
  const untold = Object.keys(scripts).filter((script) => script !== "prepack" && !told.has(script));
  expect(untold).toEqual([]);
});

test("every option of a document is in its command's help", async () => {
  const used = DOCUMENTS.flatMap(({ file, text }) =>
    commandsIn(text).flatMap(({ script, words }) =>
      [...words.matchAll(/(?<=^|\s)--[\w-]+/g)].map(([option]) => ({ file, script, words, option })),
    ),
  ).filter(({ script, words }) => /src\/cli/.test(scripts[script] ?? "") && !words.startsWith("exec"));
  const names = [...new Set(used.map(({ script }) => script))];
  const helps = new Map(await Promise.all(names.map(async (name) => [name, await helpOf(name)] as const)));
  const wrong = used.filter(
    ({ script, option }) => option !== "--help" && !helps.get(script)?.includes(option),
  );
  expect(wrong.map(({ file, script, option }) => `${file}: npm run ${script} -- ${option}`)).toEqual([]);
  expect(used.length).toBeGreaterThan(5);
});

/** What a command says of itself and of its own commands. */
async function helpOf(script: string): Promise<string> {
  const [, file = ""] = /(src\/cli\/\S+)/.exec(scripts[script] ?? "") ?? [];
  const said = await run(file, "--help");
  const inside = [...said.matchAll(/^ {2}([a-z]+) .*(?:\[options\])/gm)].map(([, name = ""]) => name);
  return [said, ...(await Promise.all(inside.map((name) => run(file, name, "--help"))))].join("\n");
}

function run(...args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", ...args], { cwd: ROOT }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

test("every file that a document names is there, and every link leads somewhere", () => {
  const wrong = DOCUMENTS.flatMap(({ file, text }) => {
    const prose = text.replace(/^<!--.*-->$/gm, "");
    const links = [...prose.matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)]*)?\)/g)]
      .filter(([, path]) => path !== "")
      .map(([, path = ""]) => normalize(join(dirname(file), path)));
    const named = [...prose.matchAll(/`((?:src|stacks|test|docs|\.ci|\.github)\/[\w./-]+)`/g)].map(
      ([, path = ""]) => path,
    );
    return (
      [...links, ...named]
        // What a company renames or removes is its own.
        .filter((path) => !/^(?:agents|stacks\/environments)\//.test(path))
        .filter((path) => !existsSync(join(ROOT, path)))
        .map((path) => `${file}: ${path}`)
    );
  });
  expect(wrong).toEqual([]);
});

test("every link within a page leads to a heading", () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .trim()
      .replaceAll(" ", "-");
  const headings = new Map(
    DOCUMENTS.map(({ file, text }) => [
      file,
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, words = ""]) => slug(words)),
    ]),
  );
  const wrong = DOCUMENTS.flatMap(({ file, text }) =>
    [...text.matchAll(/\]\(([\w./-]*)#([^)\s]+)\)/g)]
      .map(([, path = "", anchor = ""]) => ({
        page: path === "" ? file : normalize(join(dirname(file), path)),
        anchor,
      }))
      .filter(({ page, anchor }) => headings.has(page) && !headings.get(page)?.includes(anchor))
      .map(({ page, anchor }) => `${file}: ${page}#${anchor}`),
  );
  expect(wrong).toEqual([]);
});

test("no document shows a number that only a run knows", () => {
  // The output on that page is what its test of the package sees.
  const others = DOCUMENTS.filter(({ file }) => file !== "docs/rehearsal-alone.md");
  const numbers = others.flatMap(({ file, text }) =>
    [...text.matchAll(/\b\d+ (?:resources|in the cloud|passed|of \d+ stacks)\b/g)]
      // One that is protected is protected by the registry's own test.
      .map(([shown]) => `${file}: ${shown}`),
  );
  expect(numbers).toEqual([]);
});

test("every message of the fleet's own that troubleshooting explains is one that it says", () => {
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(ROOT, "src", file), "utf8"))
    .concat(readFileSync(join(ROOT, ".ci/run"), "utf8"), readFileSync(join(ROOT, "stacks/main.ts"), "utf8"));
  const page = readFileSync(join(ROOT, "docs/troubleshooting.md"), "utf8");
  const messages = [...page.matchAll(/^\| `([a-z][^`…]*)`/gm)].map(([, message = ""]) => message);
  // Terraform's own words.
  const others = ["already exists - to be managed via Terraform this resource needs to be imported"];
  const unsaid = messages.filter(
    (message) => !others.includes(message) && !sources.some((text) => text.includes(message)),
  );
  expect(unsaid).toEqual([]);
  expect(messages.length).toBeGreaterThan(4);
});
