import type { Check } from "../checklist-item";
import { findFinishedAgents } from "../finished-agents";
import { attested } from "./attested";

/** Everything that any of them finds. */
export function all(...checks: readonly Check[]): Check {
  return (subject) => checks.flatMap((check) => check(subject));
}

/** Enforced by the platform, or attested by the image's owner. */
export const nonRoot: Check = (subject) => {
  const enforced = findFinishedAgents(subject.stacks).filter(({ refusesRoot }) => refusesRoot);
  const rest = subject.workloads.filter(({ name }) => !enforced.some((agent) => agent.name === name));
  return attested("runs-as-non-root")({ ...subject, workloads: rest });
};
