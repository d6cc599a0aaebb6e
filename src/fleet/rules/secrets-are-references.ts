import type { AgentWorkload } from "../../agent/agent-workload";
import type { Environment } from "../../environment/environment";
import type { Rule } from "../../environment/rule";
import { findSecrets, isSecretByName } from "../../find-secrets";

/** A literal ends up in the plan, the state, the portal, the logs, and some of it on the public card. */
export const secretsAreReferences: Rule = {
  id: "secrets-are-references",
  excusable: true,
  find: (workloads, environment) => [
    ...workloads.flatMap((workload) =>
      [findInVariables(workload), findInScaler(workload), ...findInTexts(workload)]
        .filter((problem) => problem !== undefined)
        .map((problem) => `agent '${workload.name}': ${problem}`),
    ),
    ...textsOf(settingsOf(environment))
      .filter(({ text }) => findSecrets(text).length > 0)
      .map(
        ({ place }) =>
          `environment '${environment.name}': '${place}' holds what looks like a secret in plain text; ` +
          "put the value into the vault, and take it out here",
      ),
  ],
};

function findInVariables({ variables }: AgentWorkload): string | undefined {
  const names = namesOfSecrets(variables);
  if (names.length === 0) return undefined;
  return (
    `${names.join(", ")} in 'variables' looks like a secret in plain text; ` +
    "put the value into the vault and name it in 'secrets'"
  );
}

function findInScaler({ scaling }: AgentWorkload): string | undefined {
  const names = scaling.kind === "event" ? namesOfSecrets(scaling.metadata) : [];
  if (names.length === 0) return undefined;
  return (
    `${names.join(", ")} in 'scaling.metadata' looks like a secret in plain text; ` +
    "put the value into the vault, name it in 'secrets', and give the scaler its name in 'scaling.authentication'"
  );
}

function namesOfSecrets(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values)
    .filter(([name, value]) => value !== "" && (findSecrets(value).length > 0 || isSecretByName(name, value)))
    .map(([name]) => name);
}

/** Everything else that an author writes: most of it is on the card, which is public. */
function findInTexts(workload: AgentWorkload): string[] {
  const { title, description, skills, externalAgents, egress, model, inputModes, outputModes, traffic } =
    workload;
  return textsOf({
    title,
    description,
    skills,
    externalAgents,
    egress,
    model,
    inputModes,
    outputModes,
    traffic,
  })
    .filter(({ text }) => findSecrets(text).length > 0)
    .map(
      ({ place }) =>
        `'${place}' holds what looks like a secret in plain text; take it out, and change the secret`,
    );
}

/** An environment's settings besides what agents read of them. */
function settingsOf(environment: Environment): object {
  const { agents, ...settings } = environment;
  return settings;
}

/** Every text of plain data, and where it is. */
function textsOf(data: unknown, path: readonly string[] = []): { place: string; text: string }[] {
  if (typeof data === "string") return [{ place: path.join("."), text: data }];
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data).flatMap(([key, value]) => textsOf(value, [...path, key]));
}
