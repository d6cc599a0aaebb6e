import { readChart } from "../kubernetes/terraform/release";
import type { PlannedChange } from "../planning/planned-change";
import { canonical, type Value } from "../value";
import type { ServiceRules } from "./service-rules";

/** The provider opens the chart while it plans: what a chart on this disk says of its version is known by then. */
function settleRelease({ after, config }: PlannedChange): Readonly<Record<string, Value>> {
  const version = readChart(after.values)?.version;
  const isSaid = config.isGiven("version");
  return {
    status: "deployed",
    // Both are filled by an experiment of the provider only.
    manifest: null,
    resources: null,
    ...(version !== undefined && !isSaid && { version }),
  };
}

function refuseOtherVersion({ after, config }: PlannedChange): string | undefined {
  const version = readChart(after.values)?.version;
  const wanted = config.text("version");
  if (version === undefined || wanted === "" || bare(wanted) === bare(version)) return undefined;
  return `Planned version is different from configured version: The version in the configuration is "${wanted}" but the planned version is "${version}".`;
}

function bare(version: string): string {
  return version.replace(/^v/, "");
}

/** Arguments of which a change makes the release's metadata unknown. */
const DESCRIBED = ["chart", "repository", "version", "values", "set", "set_sensitive", "set_list"];

/** What a change in place makes unknown: the framework's rule for what is computed, and the provider's for metadata. */
export function unknownOfRelease(
  prior: Readonly<Record<string, Value>>,
  planned: Readonly<Record<string, Value>>,
): readonly string[] {
  const differs = (name: string) => canonical(prior[name] ?? null) !== canonical(planned[name] ?? null);
  return ["id", ...(DESCRIBED.some(differs) ? ["metadata"] : [])];
}

export const helm: readonly ServiceRules[] = [
  {
    types: ["helm_release"],
    settled: settleRelease,
    refusals: { "another version than the chart's": refuseOtherVersion },
  },
];
