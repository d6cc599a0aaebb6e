import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import type { AgentWorkload } from "../agent/agent-workload";
import type { EdgeProgramName } from "../edge/edge-site";
import type { Environment } from "../environment/environment";
import { type ImageSource, readImageSources } from "../images/image-source";
import type { ContainerSource } from "../local/containers/agent-container";
import { composeFiles } from "../local/containers/compose-file";
import { LITE_LLM_URL } from "../local/containers/lite-llm-container";
import { makeCertificate } from "../local/local-edge";
import { SECRETS_FOLDER } from "../local/local-secrets";
import { FleetError, listOf } from "../problem";
import { IMAGES, PROJECT, projectSecrets } from "./local-project";

/** What the fleet in containers has in front, and where that answers. */
export interface ComposeEdge {
  readonly edge: EdgeProgramName;
  readonly edgePort: number;
  /** Port of the fleet's front. @default - the environment's */
  readonly port?: number;
}

/** The environment of one machine, with everything beside the agents that a Compose file has. */
export function inContainers(local: Environment, { edge, edgePort, port }: ComposeEdge): Environment {
  return {
    ...local,
    taskStore: { kind: "local-redis" },
    modelGateway: local.modelGateway ?? { url: LITE_LLM_URL },
    local: {
      ...local.local,
      ...(port === undefined ? {} : { port }),
      edge: { program: edge, port: edgePort },
      runsAs: "containers",
    },
  };
}

/**
 * Writes the Compose file of a fleet, and the files and secrets that it mounts.
 *
 * @param out folder that it is written to
 * @returns path of the Compose file
 * @throws FleetError when no image has code for an agent's skills.
 */
export async function writeCompose(
  environment: Environment,
  workloads: readonly AgentWorkload[],
  out: string,
): Promise<string> {
  const folder = resolve(out);
  const images = readImageSources(PROJECT, IMAGES);
  const { compose, files, secrets } = composeFiles({
    environment,
    workloads,
    ...projectSecrets,
    secretsFolder: relative(folder, join(PROJECT, SECRETS_FOLDER)),
    sourceOf: (workload) =>
      containerSource(workload, images, (path) => relative(folder, join(PROJECT, path))),
  });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  for (const [name, value] of Object.entries(secrets)) {
    writeFileSync(join(PROJECT, SECRETS_FOLDER, name), value, { mode: 0o644 });
  }
  await makeCertificate(join(PROJECT, SECRETS_FOLDER));
  const file = join(folder, "compose.yaml");
  writeFileSync(file, `# Made from the fleet; change the fleet instead.\n${stringify(compose)}`);
  return file;
}

/** What an agent's container is built from: the first image with code for its skills. */
function containerSource(
  { name, skills }: AgentWorkload,
  images: readonly ImageSource[],
  fromHere: (path: string) => string,
): ContainerSource {
  const image = images.find((each) => skills.every(({ id }) => each.skills.includes(id)));
  if (image === undefined) {
    throw new FleetError("the Compose file cannot be written", [
      {
        rule: "agents-have-images",
        message: `no image below ${IMAGES} has code for every skill of agent '${name}' (${listOf(skills.map(({ id }) => id))}); name them in a Dockerfile's label a2a-fleet.skills`,
      },
    ]);
  }
  const dockerfile = readFileSync(join(PROJECT, image.folder, "Dockerfile"), "utf8");
  const [command = "[]"] = dockerfile.match(/(?<=^CMD )\[.*\]$/m) ?? [];
  return { context: fromHere(image.folder), command: JSON.parse(command) as string[] };
}
