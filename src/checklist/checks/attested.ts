import type { ImageClaim } from "../../agent/image-attestation";
import { listOf } from "../../problem";
import type { Check, Level } from "../checklist-item";

/** Days after which somebody has to look again. */
const GOOD_FOR_DAYS = 365;

/**
 * What only an image's owner can say of it: said of the version that runs, and not longer ago than a year. Agents of one
 * definition, and claims that nobody made, are told together.
 */
export function attested(...claims: readonly ImageClaim[]): Check {
  return ({ definitions, workloads, environment, today }) => {
    const level: Level = environment.stage === "production" ? "warning" : "note";
    const running = new Set(workloads.map(({ definition }) => definition));
    return definitions
      .filter(({ name }) => running.has(name))
      .flatMap(({ name, version, attested }) => {
        const finding = (why: string) => [{ level, agent: name, message: `agent '${name}': ${why}` }];
        if (attested === undefined) {
          return finding("nobody attests anything of its image; look, and say it in 'attested'");
        }
        const { by, on, version: seen } = attested;
        const missing = claims.filter((claim) => !attested.claims.includes(claim));
        if (missing.length > 0) {
          return finding(`${by} doesn't attest that the image ${inWords(missing)}; look, and add the claim`);
        }
        if (seen !== version) {
          return finding(`attested for version ${seen}, and it runs ${version}; look again, and attest that`);
        }
        if (daysBetween(on, today) > GOOD_FOR_DAYS) {
          return finding(`attested on ${on}, more than a year ago; look again, and attest anew`);
        }
        return [];
      });
  };
}

function inWords(claims: readonly ImageClaim[]): string {
  return listOf(claims.map((claim) => claim.replaceAll("-", " ")));
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}
