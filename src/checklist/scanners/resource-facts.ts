import { type Json, listAt, objectAt, textAt } from "../finished-agents";

/** An argument, by the blocks that lead to it, has one of these values. */
export function has(path: string, ...values: readonly unknown[]): (resource: Json) => boolean {
  const steps = path.split(".");
  const key = steps.pop() as string;
  return (resource) => {
    const block = steps.reduce<Json>((each, step) => objectAt(each, step), resource);
    return values.includes(block[key]);
  };
}

/** An argument isn't there, or has none of these values. */
export function lacks(path: string, ...values: readonly unknown[]): (resource: Json) => boolean {
  const isOne = has(path, ...values);
  return (resource) => !isOne(resource);
}

/** A block is there. */
export function hasBlock(path: string): (resource: Json) => boolean {
  const steps = path.split(".");
  return (resource) =>
    Object.keys(steps.reduce<Json>((each, step) => objectAt(each, step), resource)).length > 0;
}

/** The pod of a deployment. */
export function podOf(deployment: Json): Json {
  return objectAt(objectAt(objectAt(deployment, "spec"), "template"), "spec");
}

/** Every container of a deployment is so. */
export function everyContainer(holds: (container: Json) => boolean): (deployment: Json) => boolean {
  return (deployment) => {
    const pod = podOf(deployment);
    const containers = [...listAt(pod, "container"), ...listAt(pod, "init_container")];
    return containers.length > 0 && containers.every(holds);
  };
}

/** No rule of a network security group lets everybody in at a port. */
export function closedToTheInternet(...ports: readonly string[]): (group: Json) => boolean {
  const anybody = ["*", "0.0.0.0/0", "Internet", "any"];
  return (group) =>
    !listAt(group, "security_rule").some((rule) => {
      const open = anybody.includes(textAt(rule, "source_address_prefix") ?? "");
      const ranges = [rule.destination_port_range, rule.destination_port_ranges].flat();
      return (
        open &&
        rule.access === "Allow" &&
        rule.direction === "Inbound" &&
        ranges.some((port) => port === "*" || ports.includes(String(port)))
      );
    });
}

/** No rule of a role in a cluster speaks of everything. */
export function withoutWildcards(...lists: readonly string[]): (role: Json) => boolean {
  return (role) =>
    !listAt(role, "rule").some((rule) => lists.some((list) => [rule[list]].flat().includes("*")));
}

/** No rule of a role in a cluster lets do one of these with one of these. */
export function rulesOut(
  resources: readonly string[],
  verbs: readonly string[] = ["*", "create", "update", "patch", "delete", "deletecollection"],
): (role: Json) => boolean {
  return (role) =>
    !listAt(role, "rule").some(
      (rule) =>
        [rule.resources].flat().some((each) => each === "*" || resources.includes(String(each))) &&
        [rule.verbs].flat().some((each) => verbs.includes(String(each))),
    );
}
