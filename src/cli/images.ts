import { join } from "node:path";
import CliTable from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import { agents } from "../../agents";
import { environments } from "../../stacks/environments";
import { correctTheName } from "../correction";
import type { Environment } from "../environment/environment";
import { type FleetImage, imagesOf, taggedReference } from "../images/fleet-image";
import { buildsOf } from "../images/image-builds";
import { ENGINES, type EngineName, findEngine, lookUp, NoEngine, revisionHere } from "../images/image-engine";
import { readImageSources } from "../images/image-source";
import { pinnedImagesFile, pinnedImagesText, writePinnedImages } from "../images/pinned-images-file";
import { CommandFailure, dryShellIn, type Shell, shellIn } from "../images/shell";
import { FleetError, listOf } from "../problem";

const PROJECT = join(__dirname, "../..");
const sources = readImageSources(PROJECT, "agents/images");

interface Choices {
  readonly environment?: string;
  readonly from?: ReadonlyMap<string, string>;
}
interface BuildChoices extends Choices {
  readonly engine?: EngineName;
  readonly base?: ReadonlyMap<string, string>;
  readonly dryRun?: boolean;
  readonly write?: boolean;
}

/** What somebody asked for that can't be done: said without a stack trace. */
class Refusal extends Error {}

const say = (text: string) => void process.stdout.write(text);

function list(choices: Choices): void {
  const shell = shellIn(PROJECT, say);
  for (const environment of environmentsFor(choices)) {
    const table = new CliTable({
      head: ["agent", "image", "built from", "in the registry"],
      style: { head: [], border: [] },
    });
    for (const image of imagesOf(agents, environment, sources, choices.from)) {
      const found = lookUp(shell, taggedReference(image));
      const there = found.kind === "there" ? found.digest : found.kind === "absent" ? "no" : `? ${found.why}`;
      table.push([image.agent, taggedReference(image), image.source?.folder ?? "not here", there]);
    }
    say(`${environment.name}\n${table.toString()}\n`);
  }
}

function build(names: readonly string[], choices: BuildChoices): void {
  const shell = shellFor(choices);
  for (const { engine, job } of jobsFor(shell, wanted(names, choices), choices)) engine.build(shell, job);
}

function push(names: readonly string[], choices: BuildChoices): void {
  if (choices.write && choices.environment === undefined) {
    throw new Refusal("--write writes into one environment: say which with --environment <name>");
  }
  const shell = shellFor(choices);
  const images = wanted(names, choices);
  for (const { engine, job } of jobsFor(shell, images, choices)) engine.push(shell, job);
  if (choices.dryRun) return;
  showDigests(digestsOf(shell, images), choices.write ? choices.environment : undefined);
}

function pin(environment: string, choices: Choices): void {
  const shell = shellIn(PROJECT, say);
  showDigests(digestsOf(shell, wanted([], { ...choices, environment })), environment);
}

/** What is to be built: the images of the environments that are meant, those that several share once. */
function wanted(names: readonly string[], choices: Choices): FleetImage[] {
  const unknown = names.find((name) => agents.every((agent) => agent.name !== name));
  if (unknown !== undefined) {
    const known = agents.map(({ name }) => name);
    throw new Refusal(`there is no agent '${unknown}' (${listOf(known)}); ${correctTheName(unknown, known)}`);
  }
  const all = environmentsFor(choices).flatMap((each) => imagesOf(agents, each, sources, choices.from));
  const images = [...new Map(all.map((image) => [taggedReference(image), image])).values()].filter(
    ({ agent }) => names.length === 0 || names.includes(agent),
  );
  const foreign = images.filter(({ source }) => source === undefined).map(({ agent }) => agent);
  if (foreign.length > 0) {
    process.stderr.write(
      `no image in agents/images has code for the skills of ${listOf(foreign)} (label a2a-fleet.skills of its Dockerfile): ` +
        "left out; build and push it by yourself\n",
    );
  }
  if (foreign.length === images.length) throw new Refusal("there is nothing to build");
  return images.filter(({ source }) => source !== undefined);
}

function jobsFor(shell: Shell, images: readonly FleetImage[], choices: BuildChoices) {
  return buildsOf(images, revisionHere(shell), choices.base).map((job) => ({
    job,
    engine: findEngine(shell, job.server, choices.engine, choices.dryRun),
  }));
}

function shellFor({ dryRun }: BuildChoices): Shell {
  return dryRun ? dryShellIn(PROJECT, say) : shellIn(PROJECT, say);
}

/** @throws Refusal where the registry doesn't tell one of them */
function digestsOf(shell: Shell, images: readonly FleetImage[]): Map<string, string> {
  const found = images.map((image) => ({ image, found: lookUp(shell, taggedReference(image)) }));
  const untold = found.flatMap(({ image, found }) =>
    found.kind === "there"
      ? []
      : [`  ${taggedReference(image)}: ${found.kind === "absent" ? "not there" : found.why}`],
  );
  if (untold.length > 0)
    throw new Refusal(["the registry does not tell the digest of", ...untold].join("\n"));
  return new Map(found.map(({ image, found }) => [image.agent, found.kind === "there" ? found.digest : ""]));
}

function showDigests(digests: ReadonlyMap<string, string>, environment?: string): void {
  if (environment !== undefined && writePinnedImages(PROJECT, environment, digests)) {
    say(`wrote ${pinnedImagesFile(environment)}\n`);
    return;
  }
  say(`\nan environment that pins digests takes these:\n\n${pinnedImagesText(digests)}\n`);
  if (environment === undefined) return;
  const file = pinnedImagesFile(environment);
  throw new Refusal(
    `nothing is written: '${environment}' has no ${file}. Put '{}' there and read it in stacks/environments/` +
      `${environment}.ts, as production does, or put the lines above into it`,
  );
}

function environmentsFor({ environment }: Choices): readonly Environment[] {
  if (environment === undefined) return environments;
  const names = environments.map(({ name }) => name);
  const found = environments.find(({ name }) => name === environment);
  if (found !== undefined) return [found];
  throw new Refusal(`there is no environment '${environment}' (${listOf(names)})`);
}

/** `key=value`, as often as it is given. */
function pair(left: string, known: readonly string[]) {
  return (text: string, before?: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
    const [, key = "", value = ""] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (!known.includes(key))
      throw new InvalidArgumentError(`Allowed is ${left}=…, one of ${listOf(known)}.`);
    return new Map([...(before ?? []), [key, value]]);
  };
}

const names = sources.map(({ name }) => name);
const fromOption = () =>
  new Option(
    "--from <agent>=<image>",
    `builds an agent from the image of this name (${listOf(names)})`,
  ).argParser((text: string, before?: ReadonlyMap<string, string>) => {
    const chosen = pair(
      "<agent>",
      agents.map(({ name }) => name),
    )(text, before);
    for (const [agent, name] of chosen) {
      const definition = agents.find((candidate) => candidate.name === agent);
      const source = sources.find((candidate) => candidate.name === name);
      if (source === undefined)
        throw new InvalidArgumentError(`There is no image '${name}' (${listOf(names)}).`);
      const missing = definition?.skills.filter(({ id }) => !source.skills.includes(id)) ?? [];
      if (missing.length === 0) continue;
      throw new InvalidArgumentError(
        `'${name}' has no code for ${listOf(missing.map(({ id }) => id))} of '${agent}'.`,
      );
    }
    return chosen;
  });
const environmentOption = () =>
  new Option("--environment <name>", "only the images of this environment").default(
    undefined,
    "all environments",
  );

const program = new Command("npm run images --")
  .description(
    "The images of the fleet's agents: what is needed, what the registry has; builds and pushes them.",
  )
  .addHelpText(
    "after",
    `
Images are built from the folders in agents/images, each once for all agents that it has skills for, by docker, podman
or buildah; where none of them works, by the registry itself (az acr build, gcloud builds submit). Log in first, as the
engine says: az acr login --name <registry>.

Examples:
  npm run images -- list --environment staging
  npm run images -- push --environment dev --dry-run
  npm run images -- push research inventory
  npm run images -- pin production         # the digests of what the registry has now, into production's file`,
  );

program
  .command("list")
  .description("shows what each agent is started from, what it is built from, and what its registry has")
  .addOption(environmentOption())
  .addOption(fromOption())
  .action(list);
for (const [name, description, action] of [
  ["build", "builds the images; nothing leaves the machine, unless the registry is what builds", build],
  ["push", "builds the images, pushes them and shows their digests", push],
] as const) {
  const command = program
    .command(name)
    .description(description)
    .argument("[agents...]", "only these agents (default: all)")
    .addOption(environmentOption())
    .addOption(fromOption())
    .addOption(new Option("--engine <name>", "this engine and no other").choices(ENGINES))
    .addOption(
      new Option("--base <image>=<reference>", "another base, such as your own copy by digest").argParser(
        pair("<image>", names),
      ),
    )
    .option("--dry-run", "shows the commands, and runs none of them")
    .action(action);
  if (name === "push") command.option("--write", "writes the digests into the environment's images.json");
}
program
  .command("pin")
  .description("writes the digests of what the registry has now into an environment's images.json")
  .argument("<environment>", "the environment that takes digests")
  .addOption(fromOption())
  .action(pin);

try {
  program.parse();
} catch (error) {
  const own = [Refusal, NoEngine, CommandFailure, FleetError].some((Kind) => error instanceof Kind);
  process.stderr.write(`${own ? (error as Error).message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
