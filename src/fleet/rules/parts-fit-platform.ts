import { partsOf } from "../../choices/parts";
import { platformTraits } from "../../choices/platforms";
import { environmentRule } from "../../environment/rule";

/** A part of another cloud is an error somewhere in the middle of a deploy. */
export const partsFitPlatform = environmentRule("parts-fit-platform", (environment, workloads) => {
  const parts = partsOf(environment);
  return [...new Set(workloads.map(({ platform }) => platform))]
    .map(platformTraits)
    .flatMap((platform) =>
      (platform.unusable?.(parts) ?? []).map(
        ({ part, why }) =>
          `it has agents on ${platform.title}, and ${part}.kind '${parts[part].kind}' is ${why}`,
      ),
    );
});
