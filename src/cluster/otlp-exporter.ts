import type { TelemetryDestination } from "../environment/telemetry-settings";
import type { SecretReference } from "../parts/agent-dependency";
import { SECRET_KEY } from "./facts/owners-secrets";

/**
 * Goes behind a variable. The collector reads a variable's value as YAML, where a tenant's number is no text, and a token
 * with a colon can be a map; a value with something behind it, it takes as it stands.
 */
const AS_TEXT = "${env:NOTHING:-}";

/**
 * How a collector hands everything on over OTLP: the exporter's settings, which name variables in the place of what is
 * secret, and the secrets of these.
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/otlphttpexporter
 */
export function otlpExporter({ endpoint, headers = {} }: TelemetryDestination): {
  readonly exporter: Readonly<Record<string, object>>;
  readonly secrets: readonly SecretReference[];
} {
  const told = Object.entries(headers)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([header, secret], index) => ({ header, secret, variable: `FORWARD_HEADER_${index + 1}` }));
  return {
    exporter: {
      otlphttp: {
        endpoint,
        ...(told.length === 0
          ? {}
          : {
              headers: Object.fromEntries(
                told.map(({ header, variable }) => [header, `\${env:${variable}}${AS_TEXT}`]),
              ),
            }),
      },
    },
    secrets: told.map(({ variable, secret }) => ({ variable, name: secret, vault: secret, id: SECRET_KEY })),
  };
}
