import { agentRule } from "../../environment/rule";

/** Bytes of one variable, `NAME=value` and its end, that Linux starts a process with. @see https://man7.org/linux/man-pages/man2/execve.2.html */
const ONE = 32 * 4096;

/**
 * Bytes of all that an author adds: etcd takes objects of 1.5 MiB, and a Deployment's holds the contract's variables and
 * the card as well; Linux gives a process 2 MiB for variables and arguments.
 *
 * @see https://etcd.io/docs/v3.6/dev-guide/limit/
 */
const ALL = 1024 * 1024;

/** Variables of a container on Cloud Run, the fewest of the platforms. @see https://cloud.google.com/run/docs/configuring/services/environment-variables */
const COUNT = 1000;

/** Left to themselves: what the contract sets. */
const CONTRACT = 100;

/** A process with more is started nowhere, which shows when the first replica doesn't come up. */
export const variablesFit = agentRule("variables-fit", ({ variables, secrets }) => {
  const sizes = Object.entries(variables).map(
    ([name, value]) => [name, Buffer.byteLength(name) + Buffer.byteLength(value) + 2] as const,
  );
  const long = sizes.find(([, size]) => size > ONE);
  const remedy = "keep it in the image or in a store, and give the agent its place";
  if (long !== undefined) {
    return `${long[0]} in 'variables' has ${long[1]} bytes, and Linux starts no process with one of more than ${ONE}; ${remedy}`;
  }
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  if (total > ALL) {
    return `its 'variables' have ${total} bytes together, and no platform starts a process with more than ${ALL} of its own; ${remedy}`;
  }
  const count = sizes.length + secrets.length;
  return count <= COUNT - CONTRACT
    ? undefined
    : `it has ${count} 'variables' and 'secrets', and with the contract's own more than the ${COUNT} of Cloud Run; put several into one`;
});
