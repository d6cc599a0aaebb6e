/** Whom a resource belongs to, in the words of the people who run the fleet. */
export interface Owner {
  readonly kind: "agent" | "part";
  /** Name of the agent's instance, or of the shared part: `gateway`, `task-store`. */
  readonly name: string;
}

/** What an agent runs as; whose first word is no shared part, is an agent. */
const RUNS = ["azurerm_container_app", "kubernetes_deployment_v1", "google_cloud_run_v2_service"];

/** Words that lead the names of shared parts: constructs of an environment's stack. */
const SHARED = ["shared", "google"];

/** Names of the agents that stacks have, or had: resources are named by the constructs that they are in. */
export function agentsAmong(addresses: readonly string[]): Set<string> {
  const agents = addresses.flatMap((address) => {
    const { type, words } = split(address);
    const [first = ""] = words;
    return RUNS.includes(type) && !SHARED.includes(first) ? [first] : [];
  });
  return new Set(agents);
}

/** Whom a resource belongs to: an agent also where a shared part holds something for it alone, such as its API. */
export function ownerOf(address: string, agents: ReadonlySet<string>): Owner {
  const { words } = split(address);
  const [first = "", part = first, ...inner] = words;
  if (!SHARED.includes(first)) return { kind: agents.has(first) ? "agent" : "part", name: first };
  const held = inner.slice(0, 1).flatMap((word) => [word, word.replace(/-[a-z]+$/, "")]);
  const agent = [part, ...held].find((word) => agents.has(word));
  return agent === undefined ? { kind: "part", name: part } : { kind: "agent", name: agent };
}

/** What a resource is called where it stands: `alert-memory`. What is mainly one resource gives that its own name. */
export function lastWord(address: string): string {
  const words = wordsOf(address);
  return words.findLast((word) => word !== "resource") ?? address;
}

/** Names of the constructs that a resource is in, and its own. */
export function wordsOf(address: string): readonly string[] {
  return split(address).words;
}

/** `azurerm_container_app.inventory_resource_2834481A`: constructs' ids are joined by `_` and end in a hash. */
function split(address: string): { readonly type: string; readonly words: readonly string[] } {
  const [type = "", name = ""] = address
    .replace(/\[.*\]$/, "")
    .split(".")
    .slice(-2);
  return { type, words: name.replace(/_[0-9A-F]{8}$/, "").split("_") };
}
