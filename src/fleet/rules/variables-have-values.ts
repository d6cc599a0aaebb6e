import { agentRule } from "../../environment/rule";

/** Container Apps drops an empty variable, so that every later plan would set it again. */
export const variablesHaveValues = agentRule("variables-have-values", ({ variables }) => {
  const empty = Object.entries(variables).find(([, value]) => value === "");
  if (empty === undefined) return undefined;
  return `${empty[0]} in 'variables' is empty, which a platform does not keep; leave it out, or give it a value`;
});
