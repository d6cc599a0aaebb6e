import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import type { Rule } from "../../environment/rule";
import { keycloakOf } from "../../identity/keycloak/keycloak-settings";

const digest = /@sha256:[0-9a-f]{64}$/;
// What follows the repository; a colon before it can be the registry's port.
const tag = /:(?<tag>[^/]*)$/;

/** Tags that are moved by whoever publishes: words for what is newest, and versions that leave out a part. */
const floating =
  /^(?:latest|stable|edge|main|master|nightly|dev|devel|develop|alpha|beta|canary|current|lts|release|prod|production|staging|test|v?\d{1,3}(?:\.\d{1,4})?)(?:-(?:alpine|slim|debian|ubuntu|bookworm|trixie|bullseye))?$/i;

/** A tag can be moved: what was tested is then not what runs. */
export const pinnedImages: Rule = {
  id: "pinned-images",
  excusable: true,
  find: (workloads, environment) => [
    ...workloads.flatMap((workload) => {
      const problem = findInAgent(workload, environment);
      return problem === undefined ? [] : [`agent '${workload.name}': ${problem}`];
    }),
    ...Object.entries(imagesOf(environment)).flatMap(([setting, image]) => {
      const problem = image === undefined ? undefined : findFloating(image, setting);
      return problem === undefined ? [] : [`environment '${environment.name}': ${problem}`];
    }),
  ],
};

function findInAgent(
  { image, name, definition }: AgentWorkload,
  environment: Environment,
): string | undefined {
  const owner = environment.agents?.[name]?.image === undefined ? definition : name;
  const setting = `agents.${owner}.image`;
  const moved = findFloating(image, setting);
  if (moved !== undefined) return moved;
  if (environment.stage !== "production" || digest.test(image)) return undefined;
  return (
    `'${image}' is unpinned, and environment '${environment.name}' is production: a tag can be moved; ` +
    `set ${setting} to the digest that staging ran (sha256:…)`
  );
}

function findFloating(image: string, setting: string): string | undefined {
  if (image.includes("@")) return undefined;
  const given = tag.exec(image)?.groups?.tag;
  const ask = `set ${setting} to a version or digest`;
  if (given === undefined)
    return `'${image}' is unpinned: without a tag it is 'latest', a different image tomorrow; ${ask}`;
  return floating.test(given)
    ? `'${image}' is unpinned: '${given}' is a different image tomorrow; ${ask}`
    : undefined;
}

/** Images that an environment names besides its agents', by the setting that does. */
function imagesOf(environment: Environment): Record<string, string | undefined> {
  return {
    "telemetry.collectorImage": environment.telemetry?.collectorImage,
    "identityProvider.optimizedImage": keycloakOf(environment)?.optimizedImage,
    "kubernetes.backups.transferImage": environment.kubernetes?.backups?.transferImage,
  };
}
