import { createHash } from "node:crypto";

/** Names of what an environment owns in a Google project. They are the project's own, so the prefix is not in them. */
export function googleNames(environment: { readonly name: string }) {
  const { name } = environment;
  return {
    network: `${name}-agents`,
    redis: `${name}-tasks`,
    database: `${name}-tasks`,
    front: `${name}-agents`,
    /** Cloud Run service of one agent: part of its URL. */
    service: (agent: string) => `${name}-${agent}`,
    /** Account id of an agent's service account. */
    serviceAccount: (agent: string) => fitted(`${name}-${agent}`, ACCOUNT),
    secret: (secret: string) => `${name}-${secret}`,
  };
}

/** Characters of a service account's id. */
const ACCOUNT = { least: 6, most: 30 };

/**
 * A name within its limits. Where it is too long its end gives way to a hash of the whole, so that no two become one;
 * where it is too short the hash follows it.
 */
function fitted(name: string, { least, most }: { readonly least: number; readonly most: number }): string {
  if (name.length >= least && name.length <= most) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 6);
  return `${name.slice(0, most - 7).replace(/-+$/, "")}-${hash}`;
}
