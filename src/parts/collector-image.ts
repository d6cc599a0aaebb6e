/** Release of the collector that an environment runs unless it names another. */
export const COLLECTOR_IMAGE = "docker.io/otel/opentelemetry-collector-contrib:0.139.0";
