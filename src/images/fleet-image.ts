import type { AgentDefinition } from "../agent/agent-definition";
import type { Environment } from "../environment/environment";
import { pushServer } from "../fleet/image-reference";
import { resolveFleet } from "../fleet/resolve-fleet";
import { refuse } from "../problem";
import { type ImageSource, sourceOf } from "./image-source";

/** The image of an agent, in the registry that it is pushed to. */
export interface FleetImage {
  /** Name of the agent's definition. */
  readonly agent: string;
  /** `server/repository`, and the tag that a push gives it. */
  readonly repository: string;
  readonly tag: string;
  /** What the environment's agents are started from: that tag, or a digest. */
  readonly pinned: string;
  /** What it is built from; undefined where no image here has code for all of the agent's skills. */
  readonly source: ImageSource | undefined;
}

/** `server/repository:tag`. */
export function taggedReference({ repository, tag }: FleetImage): string {
  return `${repository}:${tag}`;
}

/**
 * The images that an environment needs, one an agent, however many instances it has.
 *
 * @throws FleetError where fleet and environment don't fit together
 */
export function imagesOf(
  ofTheFleet: readonly AgentDefinition[],
  environment: Environment,
  sources: readonly ImageSource[],
  chosen: ReadonlyMap<string, string> = new Map(),
): FleetImage[] {
  const { workloads, problems } = resolveFleet(ofTheFleet, environment);
  const { fleet: definitions = ofTheFleet } = environment;
  refuse(`images of '${environment.name}'`, problems);
  return definitions.flatMap((definition) => {
    const workload = workloads.find((candidate) => candidate.definition === definition.name);
    if (workload === undefined) return [];
    const pinned = environment.agents?.[definition.name]?.image ?? definition.version;
    const path = definition.imageRepository ?? `agents/${definition.name}`;
    return [
      {
        agent: definition.name,
        repository: `${pushServer(environment, workload.platform)}/${path}`,
        tag: isDigest(pinned) ? definition.version : pinned,
        pinned,
        source: sourceOf(definition, sources, chosen),
      },
    ];
  });
}

/** Whether an agent's image is named by its content. */
function isDigest(tagOrDigest: string): boolean {
  return tagOrDigest.startsWith("sha256:");
}
