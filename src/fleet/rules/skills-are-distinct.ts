import { agentRule } from "../../environment/rule";

/** Callers choose by skill id. */
export const skillsAreDistinct = agentRule("skills-are-distinct", ({ skills }) => {
  const ids = skills.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return twice === undefined
    ? undefined
    : `two skills have the id '${twice}', by which callers choose; give each one an id of its own`;
});
