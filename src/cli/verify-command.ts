import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import type { AgentDefinition } from "../agent/agent-definition";
import { isBehindGateway } from "../agent/agent-route";
import type { AgentWorkload } from "../agent/agent-workload";
import { loggedInAzure } from "../azure/preflight/login";
import { platformTraits } from "../choices/platforms";
import type { Environment } from "../environment/environment";
import type { EnvironmentFacts } from "../environment/environment-facts";
import { resolveFleet } from "../fleet/resolve-fleet";
import { loggedInGoogle } from "../google/login";
import { layOutMachine } from "../local/facts/local-settings";
import { CONSOLE, STRANGER } from "../local/local-clients";
import { localSecret } from "../local/local-secrets";
import { localToken, turnLocalKey } from "../local/local-token";
import { waysBeside } from "../local/ways-beside";
import { asAsked, type LocalOptions } from "../local/with-parts";
import { Unanswered } from "../preflight/check";
import { FleetError, listOf, type Problem, refuse } from "../problem";
import { askForNothing } from "../verify/asked-agent";
import { patient } from "../verify/caller-place";
import type { Verified } from "../verify/check";
import { checklistEvidence } from "../verify/evidence";
import { verifyExitCode, verifyJson, verifyJUnit, verifyTable } from "../verify/report";
import { verifyAgent } from "../verify/verify-agent";
import { port, positive, today, words } from "./option-values";
import { type InsideReach, insideJob, verifyInside } from "./verify-inside";

const PROJECT = join(__dirname, "..", "..");

interface Options extends LocalOptions {
  readonly environment?: string;
  readonly tokenFile?: string;
  readonly az?: true;
  readonly text?: string;
  readonly heartbeat?: number;
  readonly origin?: string;
  readonly burst?: number;
  readonly beside?: readonly string[];
  readonly inside?: string;
  readonly context?: string;
  readonly nodeImage?: string;
  readonly print?: true;
  readonly json?: true;
  readonly junit?: string;
  readonly checklist?: string;
}

/** An agent to ask, and what is known of it. */
interface Asked {
  readonly url: string;
  readonly environment?: Environment;
  readonly workload?: AgentWorkload;
}

/**
 * `npm run verify` for a fleet: its agents in these environments.
 *
 * A mistake of its user's ends the process with 2, in words.
 */
export function runVerifyCommand(
  agents: readonly AgentDefinition[],
  environments: readonly Environment[],
  reach: InsideReach = { logins: { azure: loggedInAzure, google: loggedInGoogle }, patience: patient },
): void {
  const names = environments.map(({ name }) => name);
  const command = new Command("verify")
    .description(
      "Asks running agents from outside, or from inside, whether they keep the fleet's promises. From outside it begins one task at each.",
    )
    .argument(
      "<environment|url...>",
      `an environment (${listOf(names)}): every agent that can be reached; or URLs of agents, as on their cards`,
    )
    .option("--environment <name>", "compares the agents at URLs with what this environment synthesizes")
    .option("--token-file <file>", "file with the token that lets a caller in")
    .option("--az", "gets a token for each agent from Entra by the Azure CLI; needs an environment")
    .option("--text <text>", "what is said to the agents (default: the first example of the first skill)")
    .option("--heartbeat <seconds>", "seconds between heartbeats (default: the definition's)", positive)
    .option("--origin <origin>", "origin of a browser that may call")
    .option("--burst <requests>", "looks for the rate limit with so many requests at once", positive)
    .option(
      "--beside <urls>",
      "where the agent must not answer, separated by commas (default: what the environment knows)",
      words,
    )
    .option(
      "--inside <caller>",
      "asks from where this agent is, what it calls and what it must not reach: by a job in its cluster, Container Apps environment or Google project, which is removed again, or on this machine",
    )
    .option("--context <name>", "context of the kubeconfig, for --inside (default: the current one)")
    .option("--node-image <image>", "image with the TypeScript reference image's code, for --inside")
    .option("--print", "prints the job of --inside instead of creating it")
    .option("--with <parts>", "real parts of the fleet on this machine, as it was started", words)
    .option("--port <port>", "its port, as it was started", port)
    .option("--edge-port <port>", "its edge's port, as it was started", port)
    .option("--json", "as JSON")
    .option("--junit <file>", "writes a JUnit report as well")
    .option("--checklist <file>", "writes what `npm run checklist -- --verified <file>` reads as well")
    .addHelpText(
      "after",
      `
Tokens are never on the command line: A2A_TOKEN lets a caller in, A2A_TOKEN_WITHOUT_ROLE is of one without the role. The
fleet on this machine gives its own. A certificate of your own authority: NODE_EXTRA_CA_CERTS=<file>.
Exit codes: 0 nothing is broken, 1 something is, 2 nothing could be seen.

Examples:
  npm run verify -- local
  npm run verify -- staging --az
  A2A_TOKEN=$(…) npm run verify -- https://api.example.com/agents/inventory --environment production
  npm run verify -- production --inside orchestrator-acme --context production
  npm run -s verify -- http://127.0.0.1:8000 --burst 200 --json`,
    )
    .showHelpAfterError("(--help has examples)")
    .action((targets: string[]) => verify(targets, command.opts<Options>()));

  command.parseAsync().catch((error: unknown) => {
    if (!(error instanceof FleetError || error instanceof Unanswered)) throw error;
    const nobodyAnswers = error instanceof Unanswered ? "nothing is verified from inside: " : "";
    process.stderr.write(`${nobodyAnswers}${error.message}\n`);
    process.exit(2);
  });

  async function verify(targets: readonly string[], options: Options): Promise<void> {
    refuseNoChecklist(targets, options);
    if (options.inside !== undefined) {
      const fleet = theFleet(targets, options);
      const { environment } = fleet;
      const resolve = (facts: EnvironmentFacts) =>
        resolveFleet(agents, environment, { ...facts, today: today() }).workloads;
      const inside = { ...options, inside: options.inside };
      const known = { ...fleet, resolve };
      if (options.print)
        process.stdout.write(`${JSON.stringify(await insideJob(known, inside, reach), null, 2)}\n`);
      else show(await verifyInside(known, inside, reach), environment.name, options);
      return;
    }
    const asked = whatToAsk(targets, options);
    const results = [];
    const tokens = new Map<Asked, Tokens>();
    for (const each of asked) tokens.set(each, await tokensFor(options, each));
    await addNewKey(tokens);
    // One after the other: agents that share a machine would lengthen each other's gaps.
    for (const [index, each] of asked.entries()) {
      const { url, workload } = each;
      process.stderr.write(`asking ${url} (${index + 1} of ${asked.length}) …\n`);
      results.push(
        ...(await verifyAgent(url, {
          workload,
          ...tokens.get(each),
          beside: options.beside ?? (await waysOf(each)),
          text: options.text,
          heartbeatSeconds: options.heartbeat,
          origin: options.origin ?? workload?.corsOrigins[0],
          burst: options.burst,
        })),
      );
    }
    show(results, theEnvironment(targets, options), options);
  }

  /** A checklist is of one environment, and of one that is deployed. */
  function refuseNoChecklist(targets: readonly string[], options: Options): void {
    if (options.checklist === undefined) return;
    const named = theEnvironment(targets, options);
    const deployed = environments.filter((each) => !isHere(each)).map(({ name }) => name);
    if (named !== undefined && deployed.includes(named)) return;
    throw new FleetError("nothing is verified", [
      {
        rule: "verify-checklist-is-of-an-environment",
        message: `--checklist is about one environment that is deployed (${listOf(deployed)}); name it, beside URLs with --environment`,
      },
    ]);
  }

  /** Name of the one environment that everything asked is of. */
  function theEnvironment(targets: readonly string[], { environment }: Options): string | undefined {
    if (environment !== undefined) return environment;
    return targets.length === 1 ? targets.find((target) => names.includes(target)) : undefined;
  }

  /** The one environment that is asked from inside. */
  function theFleet(targets: readonly string[], options: Options): Fleet {
    const [[, fleet] = []] = targets.length === 1 ? targets.flatMap((name) => fleetNamed(name, options)) : [];
    if (fleet !== undefined) return fleet;
    throw new FleetError("nothing is verified from inside", [
      {
        rule: "verify-targets-exist",
        message: `--inside needs one environment (${listOf(names)}), and was given ${listOf(targets.map((target) => `'${target}'`))}; name one`,
      },
    ]);
  }

  function whatToAsk(targets: readonly string[], options: Options): Asked[] {
    const wanted = [...targets.filter((target) => !isUrl(target)), options.environment].filter(
      (name) => name !== undefined,
    );
    const fleets = new Map(wanted.flatMap((name) => fleetNamed(name, options)));
    const unknown = wanted.filter((name) => !fleets.has(name));
    refuse("nothing is verified", [
      ...unknown.map((name) => ({
        rule: "verify-targets-exist",
        message: `'${name}' is neither an environment (${listOf(names)}) nor a URL; correct it, or write one such as https://api.example.com/agents/inventory`,
      })),
      ...targets.filter((name) => fleets.has(name)).flatMap((name) => findAddressProblems(fleets.get(name))),
    ]);
    return targets.flatMap((target): Asked[] => {
      const fleet = fleets.get(target);
      if (fleet !== undefined) {
        const { environment } = fleet;
        return reachableOf(fleet).map((workload) => ({
          url: workload.route.publicUrl,
          environment,
          workload,
        }));
      }
      if (options.environment === undefined) return [{ url: target }];
      const known = fleets.get(options.environment);
      const workload = known?.workloads.find(({ route }) => sameUrl(route.publicUrl, target));
      if (known !== undefined && workload !== undefined)
        return [{ url: target, environment: known.environment, workload }];
      throw new FleetError("nothing is verified", [
        {
          rule: "verify-targets-exist",
          message: `no agent of '${options.environment}' is at ${target} (${listOf(known?.workloads.map(({ route }) => route.publicUrl) ?? [])}); correct the URL, or leave --environment out`,
        },
      ]);
    });
  }

  function fleetNamed(name: string, options: Options): [string, Fleet][] {
    const found = environments.find((each) => each.name === name);
    if (found === undefined) return [];
    const environment = isHere(found) ? asAsked(found, options) : found;
    const { workloads, problems } = resolveFleet(agents, environment, { today: today() });
    refuse(`environment '${name}'`, problems);
    return [[name, { environment, workloads }]];
  }
}

function show(results: readonly Verified[], environment: string | undefined, options: Options): void {
  const { junit, checklist, json } = options;
  if (junit !== undefined) writeFileSync(junit, verifyJUnit(results));
  if (checklist !== undefined && environment !== undefined) {
    const found = checklistEvidence(results, environment, today());
    writeFileSync(checklist, `${JSON.stringify(found, null, 2)}\n`);
  }
  process.stdout.write(json ? verifyJson(results) : verifyTable(results));
  process.exitCode = verifyExitCode(results);
}

interface Fleet {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
}

/** On one machine everything is reached from everywhere on it. */
function reachableOf({ environment, workloads }: Fleet): readonly AgentWorkload[] {
  return isHere(environment) ? workloads : workloads.filter(({ reach }) => reach !== "environment");
}

function isHere({ platform }: Environment): boolean {
  return platformTraits(platform).stack === null;
}

function findAddressProblems(fleet: Fleet | undefined): Problem[] {
  if (fleet === undefined) return [];
  const { name } = fleet.environment;
  const reachable = reachableOf(fleet);
  if (reachable.length === 0) {
    return [
      {
        rule: "verify-targets-are-reachable",
        message: `no agent of '${name}' can be reached from outside; give its gateway's or an agent's URL, from inside of its network`,
      },
    ];
  }
  const unknown = reachable.filter(({ route }) => !isUrl(route.publicUrl));
  if (unknown.length === 0) return [];
  return [
    {
      rule: "verify-targets-have-addresses",
      message: `only the cloud knows where ${listOf(unknown.map((each) => each.name))} of '${name}' are; give their URLs, which 'npx cdktf output ${name}' prints`,
    },
  ];
}

interface Tokens {
  readonly token: string | undefined;
  readonly tokenWithoutRole: string | undefined;
  readonly tokenOfNewKey?: string;
}

const secretOf = (name: string) => localSecret(PROJECT, name);

async function tokensFor(options: Options, { environment, workload }: Asked): Promise<Tokens> {
  const token = options.tokenFile === undefined ? given("A2A_TOKEN") : readToken(options.tokenFile);
  const tokenWithoutRole = given("A2A_TOKEN_WITHOUT_ROLE");
  if (workload !== undefined && environment !== undefined && token === undefined) {
    if (options.az) return { token: await azureToken(workload), tokenWithoutRole };
    if (isHere(environment)) {
      return {
        token: await localToken(workload, CONSOLE, secretOf),
        tokenWithoutRole: await localToken(workload, STRANGER, secretOf),
      };
    }
  }
  if (options.az && workload === undefined) {
    throw noToken(
      "--az asks for a token by an agent's scope, which its environment knows; add --environment <name>",
    );
  }
  return { token, tokenWithoutRole };
}

/** The issuer of this machine takes a new key, and signs another token for each agent; nobody else's can be asked to. */
async function addNewKey(tokens: Map<Asked, Tokens>): Promise<void> {
  const here = [...tokens].filter(([{ environment }]) => environment !== undefined && isHere(environment));
  const [first] = here.flatMap(([{ workload }]) => workload ?? []);
  // Who has never checked a token has not fetched the keys either, and would know the new one by chance.
  for (const [{ url }, { token }] of here)
    await (await askForNothing({ url, settings: {} }, token)).body?.cancel();
  if (first === undefined || !(await turnLocalKey(first, secretOf))) return;
  for (const [asked, known] of here) {
    if (asked.workload === undefined) continue;
    tokens.set(asked, { ...known, tokenOfNewKey: await localToken(asked.workload, CONSOLE, secretOf) });
  }
}

/** Every way to an agent but that of its callers, as far as it is known before anything is deployed. */
async function waysOf({ environment, workload }: Asked): Promise<readonly string[]> {
  if (environment === undefined || workload === undefined) return [];
  const { name, port, metricsPort, route } = workload;
  if (isHere(environment)) return waysBeside(layOutMachine(environment).frontUrl, name);
  const { hostname } = new URL(route.publicUrl);
  const ports = [port, metricsPort ?? port];
  return [
    ...new Set([
      ...ports.map((each) => `http://${hostname}:${each}`),
      ...(isBehindGateway(route) && isUrl(route.backendUrl) ? [route.backendUrl] : []),
    ]),
  ];
}

async function azureToken({ name, route }: AgentWorkload): Promise<string> {
  const args = [
    "account",
    "get-access-token",
    "--scope",
    route.scope,
    "--query",
    "accessToken",
    "--output",
    "tsv",
  ];
  const { stdout } = await promisify(execFile)("az", args).catch((error: NodeJS.ErrnoException) => {
    const { stderr = "" } = error as { stderr?: string };
    throw noToken(
      error.code === "ENOENT"
        ? "az is not on the path; install the Azure CLI, or put a token into A2A_TOKEN"
        : `az gives no token for agent '${name}' (${stderr.trim().split("\n")[0]}); log in with az login, as somebody who may call it`,
    );
  });
  return stdout.trim();
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    throw noToken(`the file '${file}' of --token-file cannot be read; correct the path`);
  }
}

function noToken(message: string): FleetError {
  return new FleetError("there is no token", [{ rule: "verify-has-tokens", message }]);
}

/** A variable's value; an empty one is none. */
function given(variable: string): string | undefined {
  return process.env[variable]?.trim() || undefined;
}

function isUrl(text: string): boolean {
  // What only the cloud knows is in angle brackets, which a URL doesn't have.
  return /^https?:\/\/[^<>]+$/.test(text) && URL.canParse(text);
}

function sameUrl(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}
