import { agentRule } from "../../environment/rule";

/** An agent that is told of a model and of no gateway fails at its first task. */
export const modelHasGateway = agentRule("model-has-gateway", ({ model }, environment) => {
  if (model === null || environment.modelGateway !== undefined) return undefined;
  return (
    `it asks for the model '${model}', and environment '${environment.name}' has no model gateway; ` +
    "set modelGateway (url) there, or remove 'model'"
  );
});
