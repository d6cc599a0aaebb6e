import { checkbox, input } from "@inquirer/prompts";
import { findNameProblems } from "../naming";
import type { Problem } from "../problem";
import { findShapeProblems } from "../shape-problems";
import { type Answers, answersSchema, combine } from "./answers";
import { type CompanyValues, PLACES, type Place } from "./company-values";

type Word = Exclude<keyof Answers, Place | "agents" | "clouds">;

/** What is asked of everybody, and of a company that is in a cloud. Lists are asked for with commas. */
const questions: readonly {
  readonly word: Word;
  readonly message: string;
  readonly cloud?: Place;
  readonly isList?: true;
  readonly now: (company: CompanyValues) => string;
}[] = [
  {
    word: "prefix",
    message: "Prefix of names in a cloud (2 to 8 letters and digits)",
    now: ({ prefix }) => prefix,
  },
  { word: "domain", message: "Domain of production", now: ({ domain }) => domain },
  { word: "contact", message: "Address for certificate authorities", now: ({ contact }) => contact },
  {
    word: "repository",
    message: "Its repository at GitHub (owner/name)",
    now: ({ repository }) => repository ?? "",
  },
  {
    word: "customers",
    message: "Customers, the first of which try dev and staging",
    isList: true,
    now: ({ customers }) => (customers.production ?? []).join(", "),
  },
  { word: "tenant", message: "Tenant of Microsoft Entra", cloud: "azure", now: ({ tenant }) => tenant },
  {
    word: "subscription",
    message: "Azure subscription",
    cloud: "azure",
    now: ({ azure }) => azure?.subscriptions.dev ?? "",
  },
  { word: "location", message: "Azure region", cloud: "azure", now: ({ azure }) => azure?.location ?? "" },
  {
    word: "deployers",
    message: "Object ids of those who deploy",
    cloud: "azure",
    isList: true,
    now: ({ azure }) => (azure?.deployerObjectIds ?? []).join(", "),
  },
  {
    word: "vaultRanges",
    message: "Public address ranges that they deploy from",
    cloud: "azure",
    isList: true,
    now: ({ azure }) => (azure?.vaultRanges ?? []).join(", "),
  },
  {
    word: "project",
    message: "Google project",
    cloud: "google",
    now: ({ google }) => google?.production.projectId ?? "",
  },
  {
    word: "projectNumber",
    message: "Number of the project",
    cloud: "google",
    now: ({ google }) => google?.production.projectNumber ?? "",
  },
  { word: "region", message: "Google region", cloud: "google", now: ({ google }) => google?.region ?? "" },
  {
    word: "context",
    message: "Context of the cluster in your kubeconfig",
    cloud: "cluster",
    now: ({ cluster }) => cluster?.context ?? "",
  },
  {
    word: "registry",
    message: "Host of the registry with your images",
    cloud: "cluster",
    now: ({ cluster }) => cluster?.registry ?? "",
  },
  {
    word: "registryUser",
    message: "Who reads from that registry",
    cloud: "cluster",
    now: ({ cluster }) => cluster?.registryUser ?? "",
  },
];

/** Asks for what nobody has said; what is there now is the answer to each question that somebody passes over. */
export async function ask(
  given: Answers,
  before: CompanyValues,
  agents: readonly string[],
): Promise<Answers> {
  const clouds =
    given.clouds ??
    (await checkbox({
      message: "Clouds, or a Kubernetes cluster of your own",
      choices: PLACES.map((value) => ({
        value,
        checked: before[value] !== undefined,
      })),
      required: true,
    }));
  let answers: Answers = { ...given, clouds };
  for (const { word, message, cloud, isList, now } of questions) {
    if (word in given || (cloud !== undefined && (!clouds.includes(cloud) || cloud in given))) continue;
    // What the answers so far make of it: another prefix names other things.
    const company = combine(before, answers);
    const read = (text: string) => (isList ? text.split(",").flatMap((each) => each.trim() || []) : text);
    const text = await input({
      message,
      default: now(company),
      validate: (said) => said === now(company) || (findAnswerProblems(word, read(said))[0]?.message ?? true),
    });
    if (text !== now(company)) answers = { ...answers, [word]: read(text) };
  }
  if (given.agents !== undefined) return answers;
  const keep = await checkbox({
    message: "Agents to keep",
    choices: agents.map((value) => ({ value, checked: true })),
    required: true,
  });
  return { ...answers, agents: { remove: agents.filter((name) => !keep.includes(name)) } };
}

function findAnswerProblems(word: Word, said: string | readonly string[]): Problem[] {
  const names = word === "prefix" || word === "customers" ? [said].flat() : [];
  const kind = word === "prefix" ? "prefix" : "customer";
  return [
    ...findShapeProblems(answersSchema, { [word]: said }, "this", "adoption"),
    ...names.flatMap((name) => findNameProblems(kind, name, "this")),
  ];
}
