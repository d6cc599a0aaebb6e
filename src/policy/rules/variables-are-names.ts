import { CONTRACT_VARIABLES } from "../../agent/agent-contract";
import { findNameProblems } from "../../naming";
import { agentRule } from "../rule";

/** Variables have names that a shell takes, exist once, and leave the contract's alone. */
export const variablesAreNames = agentRule("variables-are-names", ({ name: agent, variables, secrets }) => {
  const plain = Object.keys(variables);
  const secret = secrets.map(({ variable }) => variable);
  const misnamed = [...plain, ...secret].find((name) => findNameProblems("variable", name, agent).length > 0);
  if (misnamed !== undefined) {
    return `'${misnamed}' is no name of a variable; use upper case letters, digits and underscores, starting with a letter`;
  }
  const both = plain.find((name) => secret.includes(name));
  if (both !== undefined) return `${both} is in 'variables' and in 'secrets'; keep it in one of them`;
  const reserved = [...plain, ...secret].find((name) => CONTRACT_VARIABLES.has(name));
  if (reserved === undefined) return undefined;
  return `${reserved} is part of the contract with images and is set from the definition; remove it`;
});
