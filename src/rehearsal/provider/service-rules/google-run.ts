import type { ServiceRules } from "./service-rules";

export const googleRun: readonly ServiceRules[] = [
  {
    types: ["google_cloud_run_domain_mapping"],
    refusals: {
      "a mapping without metadata": ({ after, config }) =>
        config.list("metadata").length === 0 && after.list("metadata").length === 0
          ? 'Insufficient "metadata" blocks. 1 "metadata" block is required.'
          : undefined,
    },
  },
];
