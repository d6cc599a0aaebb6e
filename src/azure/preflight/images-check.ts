import type { AgentWorkload } from "../../agent/agent-workload";
import { platformTraits } from "../../choices/platforms";
import { registryServer } from "../../fleet/image-reference";
import type { Check, Finding } from "../../preflight/check";
import type { AzureClient } from "./azure-client";
import type { AzureFacts } from "./environment-facts";

/**
 * Whether the image of every agent is in its registry: an app whose image isn't there fails after everything before it
 * was made, and then exists without Terraform knowing it.
 */
export function imagesCheck(
  { environment, azure }: AzureFacts,
  workloads: readonly AgentWorkload[],
  client: AzureClient,
): Check {
  const { registry } = environment;
  return {
    name: "images",
    run: async () => {
      if (registry.kind !== "fleet" && registry.kind !== "azure") {
        return [
          {
            what: `images at ${registryServer(environment, environment.platform)} are not looked up: only Azure's registries are`,
            remedy: "make sure yourself that each of them is there",
            weight: "doubtful",
          },
        ];
      }
      const subscription = registry.subscriptionId ?? azure.subscriptionId;
      const id = `/subscriptions/${subscription}/resourceGroups/${registry.resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${registry.name}`;
      const { status } = await client.manage(id, "2023-07-01");
      if (status === 404) return [await findNoRegistry(registry, subscription)];
      // Platforms of other clouds pull from registries of their own.
      const pulled = workloads.filter(({ platform }) => platformTraits(platform).imageServer === undefined);
      const images = new Map(pulled.map(({ image, definition }) => [image, definition]));
      return (await Promise.all([...images].map(([image, agent]) => findImage(image, agent)))).flat();
    },
  };

  async function findNoRegistry(
    { name, kind }: { readonly name: string; readonly kind: string },
    subscription: string,
  ): Promise<Finding> {
    const { body } = await client.manage(
      `/subscriptions/${subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability`,
      "2023-07-01",
      { name, type: "Microsoft.ContainerRegistry/registries" },
    );
    const taken = body.nameAvailable === false;
    const what = taken
      ? `the registry '${name}' belongs to somebody else: the name is unique in the world`
      : `the registry '${name}' does not exist yet`;
    const deploy =
      kind === "fleet"
        ? `npx cdktf deploy registry, then npm run images -- push --environment ${environment.name}`
        : "correct 'registry' in the environment";
    return { what, remedy: taken ? "choose another name in 'registry'" : deploy, weight: "missing" };
  }

  async function findImage(image: string, agent: string): Promise<Finding[]> {
    const [, server = "", repository = "", digest, tag] =
      /^([^/]+)\/(.+?)(?:@(sha256:[0-9a-f]+)|:([^:/@]+))$/.exec(image) ?? [];
    const { status } = await client.manifest(server, repository, digest ?? tag ?? "");
    if (status === 200) return [];
    if (status === 404) {
      return [
        {
          what: `agent '${agent}': the image ${image} is not in its registry`,
          remedy:
            digest === undefined
              ? `npm run images -- push ${agent} --environment ${environment.name}, or name another in agents.${agent}.image`
              : `correct agents.${agent}.image; npm run images -- list --environment ${environment.name} shows what is there`,
          weight: "missing",
        },
      ];
    }
    return [
      {
        what: `agent '${agent}': ${server} does not say whether it has ${image} (${status})`,
        remedy: `ask for the role 'AcrPull' on ${server}, or for your address among those that reach it`,
        weight: "doubtful",
      },
    ];
  }
}
