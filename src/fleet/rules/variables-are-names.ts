import { CONTRACT_VARIABLES } from "../../agent/agent-contract";
import { agentRule } from "../../environment/rule";
import { findNameProblems } from "../../naming";

/** What platforms and sidecars set themselves, and some refuse. */
const platformVariable = /^(?:CONTAINER_APP_|KUBERNETES_|DAPR_|K_(?:SERVICE|REVISION|CONFIGURATION)$)/;

/** Variables have names that a shell takes, exist once, and leave the contract's and the platforms' alone. */
export const variablesAreNames = agentRule("variables-are-names", ({ name: agent, variables, secrets }) => {
  const plain = Object.keys(variables);
  const secret = secrets.map(({ variable }) => variable);
  const all = [...plain, ...secret];
  const misnamed = all.find((name) => findNameProblems("variable", name, agent).length > 0);
  if (misnamed !== undefined) {
    return `'${misnamed}' is no name of a variable; use letters, digits and underscores, starting with a letter or underscore`;
  }
  const both = plain.find((name) => secret.includes(name));
  if (both !== undefined) return `${both} is in 'variables' and in 'secrets'; keep it in one of them`;
  const reserved = all.find((name) => CONTRACT_VARIABLES.has(name));
  if (reserved !== undefined) {
    return `${reserved} is part of the contract with images and is set by the fleet; remove it`;
  }
  const taken = all.find((name) => platformVariable.test(name));
  return taken === undefined ? undefined : `${taken} is set by the platform itself; give it another name`;
});
