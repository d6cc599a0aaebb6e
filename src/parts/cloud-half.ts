import type { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment, RegistrySettings } from "../environment/environment";
import type { EnvironmentFacts } from "../environment/environment-facts";
import type { ITokenChecks } from "../gateway/token-check";
import type { AgentHost } from "./agent-host";
import type { PlaceholderGuard } from "./placeholder-guard";

/** How a cloud's half of a fleet comes to be. `Parts` are what builds it, loaded as far as environments use it. */
export interface CloudHalf<Parts> {
  /** Loads what environments use of it, and no bindings of anything that none of them has. */
  readonly load: (environments: readonly Environment[]) => Promise<Parts>;
  /** Makes its half of an environment's stack, or nothing where the environment has none of it. */
  readonly create: (scope: Construct, parts: Parts, props: CloudHalfProps) => ICloudFoundations | undefined;
  /** Makes the stacks of those registries that are its own. */
  readonly createRegistries: (
    scope: Construct,
    parts: Parts,
    registries: readonly RegistrySettings[],
  ) => void;
}

/** What a cloud's half is made from. */
export interface CloudHalfProps {
  readonly environment: Environment;
  /** All of the environment's agents, on whatever cloud they run. */
  readonly workloads: readonly AgentWorkload[];
  readonly guard: PlaceholderGuard;
  /** Who signs callers' tokens, where an earlier half has somebody. */
  readonly identityProvider: ITokenChecks | undefined;
}

/** A cloud's half of an environment's stack: what its agents there lean on, and where they run. */
export interface ICloudFoundations {
  /** Where those agents run that are in the environment's own stack. */
  readonly hosts: () => readonly AgentHost[];
  /** What only the shared infrastructure knows. */
  readonly facts: EnvironmentFacts;
  /** Who signs callers' tokens, for agents of other clouds as well. */
  readonly identityProvider: ITokenChecks | undefined;
  /**
   * Makes what stands in front of agents, resolved with everybody's facts, and says which one address it calls them
   * from, where it has one that stays.
   *
   * @param calledFrom that address of what an earlier half made
   * @default - nothing of it stands in front
   */
  readonly createFront?: (
    workloads: readonly AgentWorkload[],
    calledFrom: string | undefined,
  ) => string | undefined;
  /** Says in outputs what is left for people to do. */
  readonly tell: (outputs: Construct) => void;
}

/** @throws when the environment needs a part that was not loaded for it */
export function loaded<Parts extends object, Part extends keyof Parts & string>(
  parts: Parts,
  part: Part,
  environment: string,
): NonNullable<Parts[Part]> {
  const found = parts[part];
  if (found !== undefined && found !== null) return found;
  throw new Error(
    `environment '${environment}' needs ${part}, which was not loaded; pass clouds: await loadClouds([…]) with it`,
  );
}
