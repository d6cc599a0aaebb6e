import type { ChecklistItem } from "../checklist-item";
import { rulesHold } from "../checks/rules-hold";

const source = "What this project holds besides";

/** Rules that no published list asks for, under what holds when they do. */
const titles: Readonly<Record<string, string>> = {
  "nobody-waits-for-cold-start": "No person waits for a cold start",
  "pinned-images": "Images are named by what doesn't move: by digest in production, never `latest`",
  "images-have-references": "Every image has a tag or a digest",
  "ports-do-not-collide": "Agent, metrics and sidecar each have a port",
  "traffic-adds-up": "Revisions share the whole of an agent's traffic",
  "egress-spares-metadata": "No agent is let out to where machines hand out credentials",
  "external-agents-are-distinct": "Agents of others have names of their own",
  "skills-are-distinct": "Skills of an agent have ids of their own",
  "model-has-gateway": "An agent with a model has a model gateway",
  "hosts-are-found": "Gateway, store and telemetry have names that agents find",
  "mapped-agents-exist": "Every host that is mapped is an agent's",
  "reachable-across-platforms": "Agents on different platforms reach whom they call",
  "parts-fit-platform": "Vault, registry and store are of the cloud that uses them",
  "store-size-exists": "The task store's size can be ordered",
  "tenant-is-entra": "The tenant is one where Entra is used",
  "network-fits": "The network is one that its platforms take",
  "nodes-hold-agents": "The cluster's nodes hold all agents at their fewest replicas",
  "vault-ranges-are-public": "The vault's firewall names addresses that it can see",
  "somebody-is-told": "Alerts call somebody",
  "logs-tell-durations": "Logs hold the lines that alerts read",
  "store-retires": "The task store is none that its vendor retires",
  "edge-retires": "Production's edge is none that gets no more fixes",
  "agents-are-watched": "Where agents are in a cluster, something there takes their alerts",
  "cors-origins-are-origins": "Browsers' origins are origins, and not any in production",
};

/** Problems that no rule of the list finds: of shapes, names, versions, and of what a platform can't keep. */
const others: readonly ChecklistItem[] = [
  {
    id: "fleet/builds",
    title: "Nothing at all is refused of the definitions and the environment",
    source,
    evidence: ["definition"],
    find: ({ environment, problems }) =>
      problems.length === 0
        ? []
        : [
            {
              level: "error",
              message: `environment '${environment.name}' is refused for ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}; \`npm run synth\` lists them`,
            },
          ],
  },
  {
    id: "fleet/versions-alive",
    title: "Kubernetes and what runs in it get fixes on the day that is asked about",
    source,
    evidence: ["definition"],
    find: rulesHold("retired-kubernetes-version", "retired-ingress-controller"),
  },
  {
    id: "fleet/platform-limits",
    title: "Every platform keeps what its agents ask for",
    source,
    evidence: ["definition"],
    find: rulesHold("platform-limit:*"),
  },
];

export const fleetList: readonly ChecklistItem[] = [
  ...Object.entries(titles).map(
    ([rule, title]): ChecklistItem => ({
      id: `fleet/${rule}`,
      title,
      source,
      evidence: ["definition"],
      find: rulesHold(rule),
    }),
  ),
  ...others,
];
