/**
 * How a collector hands everything on to Application Insights, whose connection string it has as a variable.
 *
 * @see https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/azuremonitorexporter
 */
export const azureMonitorExporter = {
  azuremonitor: { connection_string: "${env:APPLICATIONINSIGHTS_CONNECTION_STRING}" },
};
