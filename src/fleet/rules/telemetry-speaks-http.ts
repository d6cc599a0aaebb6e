import { environmentRule } from "../../environment/rule";

/** Exporters append the signal's path themselves, and speak HTTP: 4317 is gRPC's port. */
export const telemetrySpeaksHttp = environmentRule("telemetry-speaks-http", ({ telemetry }) => [
  ...findInEndpoint("telemetry.existingEndpoint", telemetry?.existingEndpoint, "agents speak"),
  ...findInEndpoint("telemetry.forwardTo.endpoint", telemetry?.forwardTo?.endpoint, "the collector speaks"),
]);

function findInEndpoint(setting: string, endpoint: string | undefined, speaker: string): string[] {
  if (endpoint === undefined) return [];
  if (!/^https?:\/\/[^/]+/.test(endpoint) || !URL.canParse(endpoint)) {
    return [
      `${setting} '${endpoint}' is no http or https URL; write it as https://collector.example.com:4318`,
    ];
  }
  if (/\/v1\/(?:traces|metrics|logs)\/?$/.test(endpoint)) {
    return [
      `${setting} '${endpoint}' ends with the path of one signal, which exporters append themselves; ` +
        "write the base URL",
    ];
  }
  return new URL(endpoint).port === "4317"
    ? [`${setting} '${endpoint}' is the port of OTLP over gRPC, and ${speaker} HTTP; it is usually 4318`]
    : [];
}
