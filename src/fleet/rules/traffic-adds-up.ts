import { agentRule } from "../../environment/rule";

/** Every platform refuses weights that aren't 100 together, after the new revision was made. */
export const trafficAddsUp = agentRule("traffic-adds-up", ({ traffic }) => {
  const revisions = traffic.map(({ revision }) => revision);
  const twice = revisions.find((revision, index) => revisions.indexOf(revision) < index);
  if (twice !== undefined) return `its traffic names the revision '${twice}' twice; give it one weight`;
  const tags = traffic.flatMap(({ tag }) => tag ?? []);
  const tagTwice = tags.find((tag, index) => tags.indexOf(tag) < index);
  if (tagTwice !== undefined) {
    return `its traffic gives two revisions the tag '${tagTwice}', which names one address; give each its own`;
  }
  const total = traffic.reduce((sum, { percent }) => sum + percent, 0);
  return total === 100 ? undefined : `the weights of its traffic add up to ${total} percent; make them 100`;
});
