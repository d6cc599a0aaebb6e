import type { AgentDefinition } from "../agent/agent-definition";
import { isBehindGateway } from "../agent/agent-route";
import type { AgentWorkload } from "../agent/agent-workload";
import { platformTraits } from "../choices/platforms";
import type { Environment } from "../environment/environment";
import { resolveFleet } from "../fleet/resolve-fleet";
import { layOutMachine } from "../local/facts/local-settings";
import { waysBeside } from "../local/ways-beside";
import { asAsked, type LocalOptions } from "../local/with-parts";
import { FleetError, listOf, type Problem, refuse } from "../problem";
import { today } from "./option-values";

/** What of a command's options says which agents are meant. */
export interface TargetOptions extends LocalOptions {
  /** The environment that URLs are of. */
  readonly environment?: string;
  /** File for what a checklist reads. */
  readonly checklist?: string;
}

/** An agent to ask, and what is known of it. */
export interface Asked {
  readonly url: string;
  readonly environment?: Environment;
  readonly workload?: AgentWorkload;
}

/** An environment, and its agents. */
export interface Fleet {
  readonly environment: Environment;
  readonly workloads: readonly AgentWorkload[];
}

/** What a command line may name: environments of a fleet, and URLs of its agents. */
export class VerifyTargets {
  private readonly names: readonly string[];

  constructor(
    private readonly agents: readonly AgentDefinition[],
    private readonly environments: readonly Environment[],
  ) {
    this.names = environments.map(({ name }) => name);
  }

  /**
   * A checklist is of one environment, and of one that is deployed.
   *
   * @throws FleetError where one is asked for of anything else
   */
  refuseChecklistOfOthers(targets: readonly string[], options: TargetOptions): void {
    if (options.checklist === undefined) return;
    const named = this.environmentOf(targets, options);
    const deployed = this.environments.filter((each) => !isHere(each)).map(({ name }) => name);
    if (named !== undefined && deployed.includes(named)) return;
    throw new FleetError("nothing is verified", [
      {
        rule: "verify-checklist-is-of-an-environment",
        message: `--checklist is about one environment that is deployed (${listOf(deployed)}); name it, beside URLs with --environment`,
      },
    ]);
  }

  /** Name of the one environment that everything asked is of; undefined where there is no such one. */
  environmentOf(targets: readonly string[], { environment }: TargetOptions): string | undefined {
    if (environment !== undefined) return environment;
    return targets.length === 1 ? targets.find((target) => this.names.includes(target)) : undefined;
  }

  /**
   * The one environment that is asked from inside.
   *
   * @throws FleetError where none or several were named
   */
  fleetToAskInside(targets: readonly string[], options: TargetOptions): Fleet {
    const [[, fleet] = []] =
      targets.length === 1 ? targets.flatMap((name) => this.fleetNamed(name, options)) : [];
    if (fleet !== undefined) return fleet;
    throw new FleetError("nothing is verified from inside", [
      {
        rule: "verify-targets-exist",
        message: `--inside needs one environment (${listOf(this.names)}), and was given ${listOf(targets.map((target) => `'${target}'`))}; name one`,
      },
    ]);
  }

  /**
   * The agents that were named.
   *
   * @throws FleetError with everything that names none, or one whose address nobody knows
   */
  whatToAsk(targets: readonly string[], options: TargetOptions): Asked[] {
    const wanted = [...targets.filter((target) => !isUrl(target)), options.environment].filter(
      (name) => name !== undefined,
    );
    const fleets = new Map(wanted.flatMap((name) => this.fleetNamed(name, options)));
    const unknown = wanted.filter((name) => !fleets.has(name));
    refuse("nothing is verified", [
      ...unknown.map((name) => ({
        rule: "verify-targets-exist",
        message: `'${name}' is neither an environment (${listOf(this.names)}) nor a URL; correct it, or write one such as https://api.example.com/agents/inventory`,
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

  private fleetNamed(name: string, options: TargetOptions): [string, Fleet][] {
    const found = this.environments.find((each) => each.name === name);
    if (found === undefined) return [];
    const environment = isHere(found) ? asAsked(found, options) : found;
    const { workloads, problems } = resolveFleet(this.agents, environment, { today: today() });
    refuse(`environment '${name}'`, problems);
    return [[name, { environment, workloads }]];
  }
}

/** On one machine everything is reached from everywhere on it. */
function reachableOf({ environment, workloads }: Fleet): readonly AgentWorkload[] {
  return isHere(environment) ? workloads : workloads.filter(({ reach }) => reach !== "environment");
}

/** Whether its agents are processes of this machine. */
export function isHere({ platform }: Environment): boolean {
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

/** Every way to an agent but that of its callers, as far as it is known before anything is deployed. */
export async function waysOf({ environment, workload }: Asked): Promise<readonly string[]> {
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

function isUrl(text: string): boolean {
  // What only the cloud knows is in angle brackets, which a URL doesn't have.
  return /^https?:\/\/[^<>]+$/.test(text) && URL.canParse(text);
}

function sameUrl(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}
