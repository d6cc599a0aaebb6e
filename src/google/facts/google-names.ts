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
    serviceAccount: (agent: string) => shortened(`${name}-${agent}`, 30),
    secret: (secret: string) => `${name}-${secret}`,
  };
}

/** A name within its limit: where it is too long its end gives way to a hash of the whole, so that no two become one. */
function shortened(name: string, maxLength: number): string {
  if (name.length <= maxLength) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 6);
  return `${name.slice(0, maxLength - 7).replace(/-+$/, "")}-${hash}`;
}
