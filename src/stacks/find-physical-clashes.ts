import { listOf, type Problem } from "../problem";

/** The parts of a finished stack that are looked at. */
export interface FinishedStack {
  readonly name: string;
  readonly json: {
    readonly resource?: Blocks;
    readonly data?: Blocks;
    readonly provider?: Readonly<Record<string, readonly Arguments[]>>;
  };
}

type Arguments = Readonly<Record<string, unknown>>;
type Blocks = Readonly<Record<string, Readonly<Record<string, Arguments>>>>;

/**
 * Says which physical things two stacks, or one in two places, would both manage: each would change them back at its next deploy, and the first
 * that is destroyed takes them from the other. Found on the finished names, whatever kind of thing it is.
 */
export function findPhysicalClashes(stacks: readonly FinishedStack[]): Problem[] {
  const owners = new Map<string, { readonly thing: string; readonly stacks: Set<string> }>();
  const twice: Problem[] = [];
  for (const stack of stacks) {
    for (const [type, resources] of Object.entries(stack.json.resource ?? {})) {
      for (const resource of Object.values(resources)) {
        const identity = identityOf(stack, type, resource);
        if (identity === undefined) continue;
        const owner = owners.get(identity) ?? { thing: `${type} ${nameIn(resource)}`, stacks: new Set() };
        if (owner.stacks.has(stack.name)) twice.push(twiceIn(stack.name, owner.thing));
        owner.stacks.add(stack.name);
        owners.set(identity, owner);
      }
    }
  }
  const together = new Map<string, string[]>();
  for (const { thing, stacks: both } of owners.values()) {
    if (both.size < 2) continue;
    const who = listOf([...both].map((name) => `'${name}'`));
    together.set(who, [...(together.get(who) ?? []), thing]);
  }
  const clashes = [...together].map(([who, things]) => {
    const [first, ...others] = things.toSorted();
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return {
      rule: "managed-twice",
      message:
        `environments behind the stacks ${who}: each of them would manage ${first}${more}, and undo what the other does; ` +
        "give one of them a resource group, Container Apps environment, gateway, namespace or cluster of its own, or another domain",
    };
  });
  return [...twice, ...clashes];
}

/** No setting should lead to it: a part of this project makes what another one makes. */
function twiceIn(stack: string, thing: string): Problem {
  return {
    rule: "managed-twice",
    message:
      `environment behind the stack '${stack}': it would make ${thing} twice, and the second would be refused as existing; ` +
      "give one of them another name, or report this with the environment's settings if both names are the fleet's",
  };
}

/** What tells a thing from all others at its vendor, or undefined where its name isn't its own. */
function identityOf(stack: FinishedStack, type: string, resource: Arguments): string | undefined {
  const [provider = ""] = type.split("_", 1);
  const name = nameIn(resource);
  // Who may do what with a thing has that thing's name, and any number of times.
  if (name === "" || type.endsWith("_iam_member") || !(provider in placeOf)) return undefined;
  const place = placeOf[provider as keyof typeof placeOf];
  const parents = place.parents(resource);
  return JSON.stringify([
    type,
    resolve(stack, name),
    parents.map((each) => resolve(stack, each)),
    place.provider.map((each) => resolve(stack, stack.json.provider?.[provider]?.[0]?.[each])),
  ]);
}

/** Where names are unique: within what an argument of the thing names, and within what its provider is set up for. */
const placeOf = {
  azurerm: {
    provider: ["subscription_id"],
    parents: (resource: Arguments) => {
      const within = resource.resource_group_name === undefined ? /_id$/ : /_name$/;
      return valuesOf(resource, within);
    },
  },
  google: {
    provider: ["project"],
    parents: (resource: Arguments) =>
      valuesOf(resource, /^(?:project|location|region|managed_zone|instance|network)$/),
  },
  kubernetes: {
    provider: ["config_context", "host"],
    parents: ({ metadata }: Arguments) => [blockOf(metadata).namespace],
  },
  helm: { provider: ["kubernetes"], parents: (resource: Arguments) => [resource.namespace] },
} as const;

function valuesOf(resource: Arguments, names: RegExp): unknown[] {
  return Object.keys(resource)
    .filter((name) => names.test(name))
    .toSorted()
    .map((name) => resource[name]);
}

function nameIn({ name, metadata }: Arguments): string {
  const given = name ?? blockOf(metadata).name;
  return typeof given === "string" ? given : "";
}

function blockOf(value: unknown): Arguments {
  const block = Array.isArray(value) ? value[0] : value;
  return typeof block === "object" && block !== null ? (block as Arguments) : {};
}

/** A value with what it refers to in place of the reference: the same thing has one identity in every stack. */
function resolve(stack: FinishedStack, value: unknown, depth = 0): unknown {
  if (typeof value === "object" && value !== null) {
    return Object.values(value).map((each) => resolve(stack, each, depth));
  }
  if (typeof value !== "string" || depth > DEEPEST) return value;
  return value.replace(
    /\$\{(data\.)?(\w+)\.([\w-]+)\.([\w.]+)[^}]*\}/g,
    (whole, data, type, name, attribute) => {
      const blocks = (data === undefined ? stack.json.resource : stack.json.data)?.[type]?.[name];
      if (blocks === undefined) return whole;
      const given = blocks[attribute];
      if (typeof given === "string") return String(resolve(stack, given, depth + 1));
      // What only the cloud knows of it follows from what it is.
      const parents = valuesOf(blocks, /_name$|^namespace$/).map((each) => resolve(stack, each, depth + 1));
      return `${type}:${String(resolve(stack, nameIn(blocks), depth + 1))}:${parents.join(":")}:${attribute}`;
    },
  );
}

/** References lead over few steps; what is longer goes round in a circle. */
const DEEPEST = 8;
