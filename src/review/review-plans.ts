import { isDeepStrictEqual } from "node:util";
import { type ChangedArgument, changedArguments } from "../plan/changed-arguments";
import { agentsAmong, type Owner, ownerOf, wordsOf } from "./owner";
import type { PlanFile } from "./plan-file";

/** What plans would do, in the words of the people who run the fleet. */
export interface Review {
  /** Agents first, then shared parts, each in the order of their names. */
  readonly owners: readonly ReviewedOwner[];
  /** What keeps data and would be destroyed, or made anew. */
  readonly lost: readonly LostData[];
  readonly exposed: readonly Finding[];
  /** Who may newly call whom, and whom nobody of old may call any more. */
  readonly calls: readonly Finding[];
  readonly images: readonly ImageChange[];
  /** Roles that somebody gets. */
  readonly roles: readonly Finding[];
  /** Alerts that come, go or change. */
  readonly alerts: readonly Finding[];
  /** Addresses of secrets that wait for a value from people. */
  readonly secrets: readonly string[];
}

export type ReviewedAction = "created" | "changed" | "replaced" | "destroyed" | "forgotten";

/** An agent, or a shared part, with everything of it that changes. */
export interface ReviewedOwner extends Owner {
  readonly resources: readonly ReviewedResource[];
}

export interface ReviewedResource {
  readonly address: string;
  readonly action: ReviewedAction;
  /** None where it is created or destroyed as a whole. */
  readonly arguments: readonly ChangedArgument[];
}

export interface LostData {
  readonly address: string;
  readonly action: "replaced" | "destroyed";
  /** What it keeps: `tasks`. */
  readonly keeps: string;
}

export interface Finding {
  readonly address: string;
  readonly owner: Owner;
  readonly says: string;
}

export interface ImageChange {
  readonly owner: Owner;
  /** Undefined where it is new. */
  readonly before: string | undefined;
  readonly after: string;
  /** Whether what ran it before goes, and something else runs it: the agent moves to another platform. */
  readonly moves: boolean;
}

/** What is lost with a resource of each type: whatever the fleet protects from deletion, and what is in it. */
const KEEPS_DATA: Readonly<Record<string, string>> = {
  azurerm_application_insights: "traces",
  azurerm_container_registry: "images",
  azurerm_key_vault: "secrets",
  azurerm_kubernetes_cluster: "everything that runs or is stored in the cluster",
  azurerm_log_analytics_workspace: "logs",
  azurerm_managed_redis: "tasks",
  azurerm_monitor_workspace: "metrics",
  azurerm_postgresql_flexible_server: "the databases on it",
  azurerm_postgresql_flexible_server_database: "a database",
  azurerm_redis_cache: "tasks",
  azurerm_resource_group: "everything in it",
  azurerm_storage_account: "files",
  azurerm_storage_container: "files",
  google_artifact_registry_repository: "images",
  google_redis_instance: "tasks",
  google_sql_database: "a database",
  google_sql_database_instance: "the databases on it",
  google_storage_bucket: "files",
  kubernetes_namespace_v1: "everything in the namespace, volumes too",
  kubernetes_persistent_volume_claim_v1: "a volume",
  kubernetes_stateful_set_v1: "what its pods keep",
};

/** Secrets whose values people fill in are made by the part `secrets`; the others' values are the fleet's own. */
const FILLED_IN = /^(?:azurerm_key_vault_secret\.shared|google_secret_manager_secret\.google)_secrets_/;

/** Says what the plans of one or several stacks would do, taken together. Pure; nothing sensitive is in the result. */
export function reviewPlans(plans: readonly PlanFile[]): Review {
  const managed = plans
    .flatMap(({ resource_changes }) => resource_changes)
    .filter(({ mode }) => mode === "managed");
  const agents = agentsAmong(managed.map(({ address }) => address));
  const changes = managed.flatMap((resource) => {
    const action = actionOf(resource.change.actions);
    if (action === undefined) return [];
    const owner = ownerOf(resource.address, agents);
    return [{ ...resource, action, owner, all: changedArguments(resource.change) }];
  });
  const calls = callsAmong(changes.flatMap(callsBy));
  return {
    owners: byOwner(changes),
    lost: changes.flatMap(({ address, type, action }) => {
      const keeps = KEEPS_DATA[type];
      if (keeps === undefined || (action !== "destroyed" && action !== "replaced")) return [];
      return [{ address, action, keeps }];
    }),
    exposed: changes.flatMap(exposedBy),
    calls,
    images: imagesAmong(changes),
    // Who calls another agent is said once.
    roles: rolesAmong(changes, agents).filter(
      ({ owner, says }) =>
        !calls.some(
          (call) => isDeepStrictEqual(call.owner, owner) && call.says.replace("newly ", "") === says,
        ),
    ),
    alerts: changes
      .filter(({ type, all }) => ALERTS.test(type) || all.some(isPrometheusRule))
      .map(({ address, owner, action }) => ({ address, owner, says: action })),
    secrets: changes
      .filter(({ address, action }) => action === "created" && FILLED_IN.test(address))
      .map(({ address }) => address),
  };
}

/** One resource with its change. */
interface Changed {
  readonly address: string;
  readonly type: string;
  readonly action: ReviewedAction;
  readonly owner: Owner;
  /** All arguments, also of what is created or destroyed. */
  readonly all: readonly ChangedArgument[];
}

/** Undefined where nothing is done. */
function actionOf(actions: readonly string[]): ReviewedAction | undefined {
  // `delete, create` or, where the new one comes first, `create, delete`.
  if (actions.includes("create") && actions.includes("delete")) return "replaced";
  if (actions.includes("create")) return "created";
  if (actions.includes("delete")) return "destroyed";
  if (actions.includes("update")) return "changed";
  return actions.includes("forget") ? "forgotten" : undefined;
}

function byOwner(changes: readonly Changed[]): ReviewedOwner[] {
  const owners = new Map<string, Owner & { readonly resources: ReviewedResource[] }>();
  for (const { address, action, owner, all } of changes) {
    const key = `${owner.kind} ${owner.name}`;
    const known = owners.get(key) ?? { ...owner, resources: [] };
    owners.set(key, known);
    known.resources.push({ address, action, arguments: told(action, all) });
  }
  // `agent` comes before `part`.
  return [...owners].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, owner]) => owner);
}

/** What every change of an app brings along, whatever it is. */
const FOLLOWS = /^latest_revision_(?:fqdn|name)$/;

/** Of what is made anew, whatever the cloud decides is new as well: only what we decide says something. */
function told(action: ReviewedAction, all: readonly ChangedArgument[]): readonly ChangedArgument[] {
  if (action === "changed") return all.filter(({ path }) => !FOLLOWS.test(path));
  if (action !== "replaced") return [];
  const ours = all.filter(
    ({ after, forcesReplacement }) => forcesReplacement || after !== "(known after apply)",
  );
  return ours.toSorted((one, other) => Number(other.forcesReplacement) - Number(one.forcesReplacement));
}

/** Arguments that let somebody in, and the values with which they do. */
const OPENS: readonly {
  readonly type: RegExp;
  readonly path: RegExp;
  readonly value: RegExp;
  readonly says: string;
}[] = [
  {
    type: /^azurerm_container_app$/,
    path: /^ingress\.0\.external_enabled$/,
    value: /^true$/,
    says: "is reachable from outside of its Container Apps environment",
  },
  {
    type: /^azurerm_container_app_environment$/,
    path: /^internal_load_balancer_enabled$/,
    value: /^false$/,
    says: "is open to the internet, with every agent in it that is reachable from outside",
  },
  {
    type: /^google_cloud_run_v2_service$/,
    path: /^ingress$/,
    value: /^INGRESS_TRAFFIC_(?:ALL|INTERNAL_LOAD_BALANCER)$/,
    says: "takes requests from outside of its network",
  },
  {
    type: /^google_cloud_run_v2_service(?:_iam_member)?$/,
    path: /^(?:member|invoker_iam_disabled)$/,
    value: /^(?:allUsers|true)$/,
    says: "lets everybody through who reaches it, without Google's own check",
  },
  {
    type: /^azurerm_api_management_api$/,
    path: /^path$/,
    value: /./,
    says: "is published by the gateway",
  },
  {
    type: /^(?:helm_release|kubernetes_manifest)$/,
    path: /(?:^|\.)kind$/,
    value: /^(?:HTTPRoute|Ingress|Gateway)$/,
    says: "is led to by the cluster's edge",
  },
  {
    type: /^kubernetes_service_v1$/,
    path: /^spec\.0\.type$/,
    value: /^(?:LoadBalancer|NodePort)$/,
    says: "has an address outside of the cluster",
  },
  {
    type: /^azurerm_/,
    path: /(?:^|\.)public_network_access(?:_enabled)?$/,
    value: /^(?:true|Enabled)$/,
    says: "is open to public networks",
  },
  {
    type: /^azurerm_/,
    path: /^network_acls\.0\.default_action$/,
    value: /^Allow$/,
    says: "is open to every address",
  },
  {
    type: /^google_compute_global_forwarding_rule$/,
    path: /^port_range$/,
    value: /./,
    says: "opens a port to the internet",
  },
];

function exposedBy({ address, type, action, owner, all }: Changed): Finding[] {
  if (action === "destroyed" || action === "forgotten") return [];
  // What is made anew was there: only what it didn't open before is new.
  return OPENS.filter(({ type: types, path, value }) =>
    all.some(
      (argument) =>
        types.test(type) &&
        path.test(argument.path) &&
        value.test(argument.after ?? "") &&
        !value.test(argument.before ?? ""),
    ),
  ).map(({ says }) => ({ address, owner, says }));
}

/** The variable by which an agent is told whom it calls; its keys are the peers' names. */
const REGISTRY =
  /(?:^|\.)(?:env\.AGENT_REGISTRY\.value|data\.AGENT_REGISTRY)(?:\.(?<peer>[^.]+)(?<rest>\..+)?)?$/;

function callsBy({ address, owner, all }: Changed): Finding[] {
  const calls = all.flatMap(({ path, before, after }): Finding[] => {
    const { peer, rest } = REGISTRY.exec(path)?.groups ?? {};
    if (!REGISTRY.test(path) || rest !== undefined) return [];
    if (peer === undefined) {
      return after === "(known after apply)"
        ? [{ address, owner, says: "calls agents whose addresses are known after the apply" }]
        : [];
    }
    if (before === undefined) return [{ address, owner, says: `may newly call ${peer}` }];
    return after === undefined ? [{ address, owner, says: `may no longer call ${peer}` }] : [];
  });
  return calls.filter(({ says }, index) => calls.findIndex((call) => call.says === says) === index);
}

/** Who may call whom in the end: what one resource of an agent lets go and another takes up is as it was. */
function callsAmong(calls: readonly Finding[]): Finding[] {
  const opposite = ({ says }: Finding) =>
    says.startsWith("may newly call ")
      ? says.replace("may newly call ", "may no longer call ")
      : says.replace("may no longer call ", "may newly call ");
  return calls.filter(
    (call) =>
      !calls.some(
        (other) =>
          isDeepStrictEqual(other.owner, call.owner) && other !== call && other.says === opposite(call),
      ),
  );
}

const IMAGE = /(?:^|\.)containers?\.[^.]+\.image$/;

/** The images that run then, with what ran before: in the same place, or in the one that an agent leaves. */
function imagesAmong(changes: readonly Changed[]): ImageChange[] {
  const isGone = ({ action }: Changed) => action === "destroyed" || action === "forgotten";
  const left = changes
    .filter(isGone)
    .flatMap(({ owner, all }) =>
      all.flatMap(({ path, before }) =>
        IMAGE.test(path) && before !== undefined ? [{ owner, before }] : [],
      ),
    );
  return changes
    .filter((change) => !isGone(change))
    .flatMap(({ owner, all }) =>
      all.flatMap(({ path, before, after }): ImageChange[] => {
        if (!IMAGE.test(path) || after === undefined || before === after) return [];
        if (before !== undefined) return [{ owner, before, after, moves: false }];
        const earlier = left.find(
          (each) => isDeepStrictEqual(each.owner, owner) && repositoryOf(each.before) === repositoryOf(after),
        );
        return [{ owner, before: earlier?.before, after, moves: earlier !== undefined }];
      }),
    );
}

/** Name of an image, wherever it is and whichever version: `billing`. */
function repositoryOf(image: string): string {
  return image
    .replace(/@.*$/, "")
    .replace(/:[^/:]*$/, "")
    .split("/")
    .at(-1) as string;
}

/** Terraform types that give somebody a role, and the arguments that say which, and on what. */
const ROLES: Readonly<Record<string, readonly [role: RegExp, on: RegExp]>> = {
  azurerm_role_assignment: [/^role_definition_name$/, /^scope$/],
  azuread_app_role_assignment: [/^app_role_id$/, /^resource_object_id$/],
  google_project_iam_member: [/^role$/, /^project$/],
  google_secret_manager_secret_iam_member: [/^role$/, /^secret_id$/],
  google_artifact_registry_repository_iam_member: [/^role$/, /^repository$/],
  google_cloud_run_v2_service_iam_member: [/^role$/, /^name$/],
};

/** A role that is granted anew where it was, also to what an agent is elsewhere, is nothing that anybody gains. */
function rolesAmong(changes: readonly Changed[], agents: ReadonlySet<string>): Finding[] {
  const lost = changes
    .filter(({ action }) => action === "destroyed")
    .flatMap((change) => roleOf(change, "before", agents));
  return changes
    .filter(({ action }) => action === "created")
    .flatMap((change) => roleOf(change, "after", agents))
    .filter(
      ({ owner, says }) =>
        !says.includes(" on ") ||
        !lost.some((other) => other.says === says && isDeepStrictEqual(other.owner, owner)),
    );
}

function roleOf(
  { address, type, owner, all }: Changed,
  when: "before" | "after",
  agents: ReadonlySet<string>,
): Finding[] {
  const [role, on] = ROLES[type] ?? [];
  if (role === undefined || on === undefined) return [];
  if (type === "azuread_app_role_assignment")
    return [{ address, owner, says: callOf(address, owner, agents) }];
  const value = (path: RegExp) => all.find((argument) => path.test(argument.path))?.[when];
  const where = value(on);
  const scope = where === undefined || where === "(known after apply)" ? "" : ` on ${where}`;
  return [{ address, owner, says: `gets ${value(role) ?? "a role"}${scope}` }];
}

/** What a role of an agent's application lets somebody do: an agent itself, or a caller from outside. */
function callOf(address: string, { kind }: Owner, agents: ReadonlySet<string>): string {
  const words = wordsOf(address);
  const caller = words.at(-2);
  const role = words.at(-1)?.replace(/^may-call-/, "") ?? "";
  // A skill that asks for a role of its own has that in the place of its agent.
  if (!agents.has(role))
    return kind === "agent"
      ? `gets the role ${role} of an agent`
      : `gives ${caller} the role ${role} of an agent`;
  return kind === "agent" ? `may call ${role}` : `lets ${caller} call ${role}`;
}

const ALERTS = /^(?:azurerm_monitor_\w*alert\w*|google_monitoring_alert_policy)$/;

function isPrometheusRule({ path, before, after }: ChangedArgument): boolean {
  return /(?:^|\.)kind$/.test(path) && (before === "PrometheusRule" || after === "PrometheusRule");
}
