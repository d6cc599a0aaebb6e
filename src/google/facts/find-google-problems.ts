import { addressNumber, addressText, firstAddress, isPrivateRange, prefixOf } from "../../address-range";
import type { Environment } from "../../environment/environment";
import { runsOn } from "../../environment/platforms-of";
import { listOf, type Problem } from "../../problem";
import { googleImages } from "./google-images";

/**
 * Regions that have Cloud Run's domain mappings.
 *
 * @see https://cloud.google.com/run/docs/mapping-custom-domains
 */
const DOMAIN_MAPPING_REGIONS: readonly string[] = [
  "asia-east1",
  "asia-northeast1",
  "asia-southeast1",
  "europe-north1",
  "europe-west1",
  "europe-west4",
  "us-central1",
  "us-east1",
  "us-east4",
  "us-west1",
];

/** What a Google side needs at least. */
export const GOOGLE_SETTINGS = "'google' (projectId, projectNumber, region)";

/** Says what is wrong with the Google side of an environment on its own, without its agents. */
export function findGoogleProblems(environment: Environment, who: string): Problem[] {
  return [
    ...findMissingSide(environment, who),
    ...findDomainMappingProblems(environment, who),
    ...findNetworkProblems(environment, who),
    ...findImageProblems(environment, who),
  ];
}

function findMissingSide(environment: Environment, who: string): Problem[] {
  if (!runsOn(environment, "cloud-run") || environment.google !== undefined) return [];
  return [
    {
      rule: "missing-cloud",
      message: `${who}: Cloud Run needs Google Cloud; set ${GOOGLE_SETTINGS}`,
    },
  ];
}

/** Found before images are resolved: without a repository they have no name. */
function findImageProblems(environment: Environment, who: string): Problem[] {
  const { google, registry } = environment;
  if (google === undefined || !runsOn(environment, "cloud-run")) return [];
  if (googleImages(environment) !== undefined) return [];
  return [
    {
      rule: "images-on-google",
      message:
        `${who}: Cloud Run pulls from Artifact Registry only, and the registry is '${registry.kind}'; set google.images ` +
        "to { kind: 'google-fleet', … } with that registry as its 'upstream', or to a repository that exists",
    },
  ];
}

function findDomainMappingProblems({ google, cloudRun }: Environment, who: string): Problem[] {
  if (google === undefined || cloudRun?.front?.kind !== "domain-mapping") return [];
  if (DOMAIN_MAPPING_REGIONS.includes(google.region)) return [];
  return [
    {
      rule: "domain-mapping-region",
      message:
        `${who}: cloudRun.front is 'domain-mapping', which region '${google.region}' does not have ` +
        `(${listOf(DOMAIN_MAPPING_REGIONS)} do); set cloudRun.front to { kind: 'load-balancer' }`,
    },
  ];
}

function findNetworkProblems({ google }: Environment, who: string): Problem[] {
  if (google?.network?.kind !== "created" || google.network.cidr === undefined) return [];
  const { cidr } = google.network;
  const why = findRangeFault(cidr);
  if (why === undefined) return [];
  return [{ rule: "google-network", message: `${who}: google.network.cidr is '${cidr}'; ${why}` }];
}

/**
 * Addresses that Cloud SQL keeps for its own machines.
 *
 * @see https://cloud.google.com/sql/docs/postgres/configure-private-ip
 */
const KEPT = /^172\.17\./;

function findRangeFault(cidr: string): string | undefined {
  const size = prefixOf(cidr);
  if (size < 8 || size > 20) {
    return "give it a /20 or larger, so that agents and Google's services both fit";
  }
  if (!isPrivateRange(cidr) || KEPT.test(cidr)) {
    return "use a private range outside 172.17.0.0/16, such as 10.60.0.0/20: others are somebody's on the internet, or Google's own";
  }
  const first = firstAddress(cidr);
  return addressNumber(cidr) === first
    ? undefined
    : `use the first address of the range, ${addressText(first)}/${size}: Google takes no other`;
}
