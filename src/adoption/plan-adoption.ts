import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { correctTheName } from "../correction";
import { findNameProblems } from "../naming";
import { listOf, type Problem } from "../problem";
import { findShapeProblems } from "../shape-problems";
import { CLUSTER_ENVIRONMENT } from "./cluster-environment-text";
import { type CompanyValues, companySchema, companyText, PLACES } from "./company-values";
import { GOOGLE_ENVIRONMENT } from "./google-environment-text";
import { inCode, ListFile } from "./list-file";

/** What a company wants to become of the repository. */
export interface Adoption {
  readonly company: CompanyValues;
  /** Agents that go. */
  readonly remove: readonly string[];
  /** Agents that are called something else, old name to new. */
  readonly rename: Readonly<Record<string, string>>;
}

/** Files by path, as they should be; null where one should be gone. Nothing that stays as it is. */
export type Changes = ReadonlyMap<string, string | null>;

const AGENTS = "agents/index.ts";
const ENVIRONMENTS = "stacks/environments/index.ts";
const COMPANY = "stacks/company.json";
const PINNED = "stacks/environments/production.images.json";

/** Digest of an image that nobody has built yet: rehearsals take it, deploys refuse it. */
const UNKNOWN_IMAGE = `sha256:${"0".repeat(64)}`;

/** Environments that adoption writes where a company has no such file. */
const WRITTEN = { google: GOOGLE_ENVIRONMENT, cluster: CLUSTER_ENVIRONMENT };

interface Plan {
  readonly changes: Changes;
  readonly problems: readonly Problem[];
  /** What was asked for and is so already, and what is left to its owner. */
  readonly notes: readonly string[];
}

/** What has to change in a project, or why it can't: every reason at once. Reads, and writes nothing. */
export function planAdoption(project: string, { company, ...asked }: Adoption): Plan {
  const read = (path: string) => readFileSync(join(project, path), "utf8");
  const list = ListFile.parse(read(AGENTS));
  const there = [...(list?.entries.keys() ?? [])];
  const remove = asked.remove.filter(
    (name) => there.includes(name) || correctTheName(name, there) !== "correct the name",
  );
  const isRenamed = ([old, name]: readonly [string, string]) => !there.includes(old) && there.includes(name);
  const rename = Object.fromEntries(Object.entries(asked.rename).filter((each) => !isRenamed(each)));
  const notes = [
    ...asked.remove
      .filter((name) => !remove.includes(name))
      .map((name) => `there is no agent '${name}' to remove`),
    ...Object.entries(asked.rename)
      .filter(isRenamed)
      .map(([old, name]) => `'${old}' is '${name}' already`),
  ];
  const places = ListFile.parse(read(ENVIRONMENTS));
  const problems = [
    ...findShapeProblems(companySchema, company, COMPANY, "company"),
    ...findNameProblems("prefix", company.prefix, COMPANY),
    ...(list === undefined ? [byHand(AGENTS)] : findAgentProblems(there, remove, rename)),
    ...(places === undefined ? [byHand(ENVIRONMENTS)] : []),
    ...(PLACES.every((place) => company[place] === undefined)
      ? [problem(`a company that runs nowhere; give --clouds ${PLACES.join(", ")} or several of them`)]
      : []),
  ];
  if (list === undefined || places === undefined || problems.length > 0)
    return { changes: new Map(), problems, notes };

  const called = (name: string) => rename[name] ?? name;
  const kept = [...list.entries].filter(([file]) => !remove.includes(file));
  const files = new Map<string, string | null>();
  for (const [file, name] of list.entries) {
    const path = `agents/${file}.ts`;
    const text = calledInCalls(read(path), rename);
    if (remove.includes(file)) files.set(path, null);
    else if (file in rename) {
      files.set(path, null);
      files.set(`agents/${called(file)}.ts`, renamed(text, name, file, called(file)));
    } else files.set(path, text);
  }
  const agents = kept.map(([file, name]): [string, string] =>
    file in rename ? [called(file), inCode(called(file))] : [file, name],
  );
  files.set(AGENTS, list.with(new Map(agents)).toString());
  const names = agents.map(([file]) => file);
  const { google } = company;
  files.set(
    COMPANY,
    companyText({
      ...company,
      ...(google && {
        google: { ...google, agents: google.agents.map(called).filter((name) => names.includes(name)) },
      }),
    }),
  );
  const pinned: Record<string, string> = existsSync(join(project, PINNED)) ? JSON.parse(read(PINNED)) : {};
  const digestOf = new Map(Object.entries(pinned).map(([name, digest]) => [called(name), digest]));
  const images = names.map((name) => [name, digestOf.get(name) ?? UNKNOWN_IMAGE]);
  files.set(PINNED, `${JSON.stringify(Object.fromEntries(images), undefined, 2)}\n`);
  const environments = environmentsOf(places, company, read);
  files.set(ENVIRONMENTS, places.with(environments).toString());
  for (const [name, text] of Object.entries(WRITTEN)) {
    const own = environmentFile(name);
    if (environments.has(name) && !existsSync(join(project, own))) files.set(own, text);
  }
  const unlisted = [...places.entries.keys()].filter((name) => !environments.has(name)).map(environmentFile);
  if (unlisted.length > 0) notes.push(`no longer listed, and yours to delete: ${listOf(unlisted)}`);
  const now = (path: string) => (existsSync(join(project, path)) ? read(path) : null);
  return { changes: new Map([...files].filter(([path, text]) => now(path) !== text)), problems: [], notes };
}

function problem(message: string): Problem {
  return { rule: "adoption", message };
}

function byHand(file: string): Problem {
  return problem(
    `${file} is no longer a list of what files beside it export; change it by hand, and leave agents as they are`,
  );
}

function findAgentProblems(
  there: readonly string[],
  remove: readonly string[],
  rename: Readonly<Record<string, string>>,
): Problem[] {
  const missing = [...remove, ...Object.keys(rename)].filter((name) => !there.includes(name));
  const both = Object.keys(rename).filter((name) => remove.includes(name));
  const left = there.filter((name) => !remove.includes(name)).map((name) => rename[name] ?? name);
  const twice = left.filter((name, index) => left.indexOf(name) !== index);
  return [
    ...missing.map((name) =>
      problem(`there is no agent '${name}' (${listOf(there)}); ${correctTheName(name, there)}`),
    ),
    ...both.map((name) => problem(`agent '${name}' is to be removed and renamed; choose one`)),
    ...Object.values(rename).flatMap((name) => findNameProblems("agent", name, `agent '${name}'`)),
    ...twice.map((name) => problem(`two agents would be called '${name}'; choose another name for one`)),
    ...(left.length === 0
      ? [
          problem(
            "no agent would be left; write one of your own first (README, Add an agent), or keep a sample",
          ),
        ]
      : []),
  ];
}

/** An agent's file under another name; what it does stays. */
function renamed(text: string, inCodeBefore: string, before: string, after: string): string {
  return text
    .replace(`export const ${inCodeBefore}:`, `export const ${inCode(after)}:`)
    .replace(`name: "${before}"`, `name: "${after}"`);
}

function calledInCalls(text: string, rename: Readonly<Record<string, string>>): string {
  return text.replace(/\bcalls: \[[^\]]*\]/g, (calls) =>
    calls.replace(/"([^"]+)"/g, (whole, name: string) => (name in rename ? `"${rename[name]}"` : whole)),
  );
}

/** The environments of where the company is. What somebody lists beside the shipped ones stays. */
function environmentsOf(
  { entries }: ListFile,
  company: CompanyValues,
  read: (path: string) => string,
): ReadonlyMap<string, string> {
  const onAzure = (name: string) => read(environmentFile(name)).includes("azureSettings(");
  const isGone = (name: string) =>
    onAzure(name)
      ? company.azure === undefined
      : PLACES.some((place) => place === name && company[place] === undefined);
  const kept = [...entries.keys()].filter((name) => !isGone(name));
  const wanted = [
    ...(company.azure !== undefined && !kept.some(onAzure) ? ["dev", "staging", "production"] : []),
    ...kept,
    // Beside Azure, production has a part of its own on Google.
    ...(company.azure === undefined && company.google !== undefined ? ["google"] : []),
    ...(company.cluster !== undefined ? ["cluster"] : []),
  ];
  return new Map(wanted.map((name) => [name, entries.get(name) ?? inCode(name)]));
}

function environmentFile(name: string): string {
  return `stacks/environments/${name}.ts`;
}
