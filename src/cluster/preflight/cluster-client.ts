import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Unanswered } from "../../preflight/check";

/** A cluster that can be asked, through `kubectl`. Nothing that it is asked shows the contents of a Secret. */
export interface IClusterClient {
  /** How somebody calls it by hand: `kubectl --context plain`. */
  readonly command: string;
  /**
   * What `kubectl` prints, or undefined where what was asked for isn't there.
   *
   * @throws Unanswered when `kubectl` or the cluster cannot be reached, or doesn't let somebody ask.
   */
  readonly ask: (args: readonly string[]) => Promise<string | undefined>;
}

/** The cluster behind a context of this machine's kubeconfig. */
export function clusterOf(context: string, namespace: string): IClusterClient {
  const place = ["--context", context, "--request-timeout", "10s"];
  return {
    command: `kubectl --context ${context} --namespace ${namespace}`,
    ask: async (args) => {
      try {
        return (await promisify(execFile)("kubectl", [...place, ...args], { encoding: "utf8" })).stdout;
      } catch (error) {
        const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
        if (code === "ENOENT") throw new Unanswered("kubectl is not installed");
        const why = stderr.trim().split("\n").at(-1) ?? "";
        if (/\(NotFound\)|the server doesn't have a resource type/.test(why)) return undefined;
        throw new Unanswered(`context '${context}': ${why || "kubectl gave up"}`);
      }
    },
  };
}
