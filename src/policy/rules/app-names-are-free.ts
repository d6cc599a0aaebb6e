import { agentRule } from "../rule";

/** Apps of the environment itself, which share the names of its agents. */
const TAKEN = ["keycloak", "keycloak-realm", "otel-collector"];

/** Two apps of one name in one environment are one app. */
export const appNamesAreFree = agentRule("app-names-are-free", ({ name, platform }) => {
  if (platform !== "container-apps" || !TAKEN.includes(name)) return undefined;
  return `its name is the one of an app that the environment may run itself (${TAKEN.join(", ")}); rename it`;
});
