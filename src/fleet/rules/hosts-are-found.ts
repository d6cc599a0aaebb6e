import type { AgentWorkload } from "../../agent/agent-workload";
import { platformTraits } from "../../choices/platforms";
import type { Environment } from "../../environment/environment";
import { environmentRule } from "../../environment/rule";
import { listOf } from "../../problem";
import { isServiceName } from "../../shapes";
import { taskStoreFor } from "../task-store-for";

/** Something that agents call at a host which a setting names. */
interface NamedHost {
  readonly setting: string;
  readonly host: string;
  readonly callers: readonly AgentWorkload[];
}

/** A name is found where it means something: an agent's own machine is itself, and Services are a cluster's. */
export const hostsAreFound = environmentRule("hosts-are-found", (environment, workloads) =>
  namedHosts(environment, workloads).flatMap(({ setting, host, callers }) => {
    const deployed = callers.filter(({ platform }) => platformTraits(platform).stack !== null);
    if (isOwnMachine(host) && deployed.length > 0) {
      return [
        `${setting} is at '${host}', which is for ${namesOf(deployed)} the container itself; write the name by which it is ` +
          "found from there",
      ];
    }
    const outside = deployed.filter(({ platform }) => platformTraits(platform).stack !== "cluster");
    if (!isServiceName(host) || outside.length === 0) return [];
    return [
      `${setting} is at '${host}', a name of a cluster that ${namesOf(outside)} outside of it can't find; write one that is ` +
        "found from there, or run them in the cluster",
    ];
  }),
);

function namesOf(workloads: readonly AgentWorkload[]): string {
  return listOf(workloads.map(({ name }) => name));
}

function isOwnMachine(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(host);
}

function namedHosts(environment: Environment, workloads: readonly AgentWorkload[]): NamedHost[] {
  const { modelGateway, telemetry } = environment;
  const stores = new Map<string, AgentWorkload[]>();
  for (const workload of workloads) {
    const store = taskStoreFor(environment, workload.platform);
    if (!("host" in store) || workload.taskStore !== "shared") continue;
    stores.set(store.host, [...(stores.get(store.host) ?? []), workload]);
  }
  return [
    ...atUrl(
      "modelGateway.url",
      modelGateway?.url,
      workloads.filter(({ model }) => model !== null),
    ),
    ...atUrl("telemetry.existingEndpoint", telemetry?.existingEndpoint, workloads),
    ...atUrl("telemetry.forwardTo.endpoint", telemetry?.forwardTo?.endpoint, workloads),
    ...[...stores].map(([host, callers]) => ({ setting: "the task store", host, callers })),
  ];
}

/** What is no URL is refused as such. */
function atUrl(setting: string, url: string | undefined, callers: readonly AgentWorkload[]): NamedHost[] {
  return url !== undefined && URL.canParse(url) ? [{ setting, host: new URL(url).hostname, callers }] : [];
}
