import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AgentWorkload } from "../agent/agent-workload";
import { edgePrograms, edgeVariables } from "../edge/edge-program";
import type { EdgeSettings } from "../edge/edge-site";
import type { LocalEdge } from "./facts/local-settings";
import { freePort } from "./free-port";
import { temporaryFolder } from "./guard";
import { listening } from "./local-redis";
import { type Part, startPart } from "./part";
import { programPath } from "./program-path";

const run = promisify(execFile);

/** A real edge that runs in front of the fleet. */
export interface RunningEdge {
  readonly part: Part;
  /** File with the authority that signed its certificate, for clients. */
  readonly authority: string;
  readonly remove: () => void;
}

/**
 * Starts a real nginx, HAProxy or Caddy with the configuration that `npm run edge` writes, in front of agents' processes.
 *
 * @throws Error with the program's words when it finds the configuration invalid, or ends at once.
 */
export async function startLocalEdge(
  { program, port }: Required<LocalEdge>,
  workloads: readonly AgentWorkload[],
  behind: Pick<EdgeSettings, "servers" | "beside">,
  onLine: (line: string) => void,
): Promise<RunningEdge> {
  const { folder, remove } = temporaryFolder(program);
  const { write, prepare } = edgePrograms[program];
  try {
    const authority = await makeCertificate(folder);
    const httpPort = await freePort();
    const { test, run: args } = prepare(
      write(workloads, { ...behind, certificates: folder, httpPort }),
      folder,
    );
    const variables = edgeVariables(programPath(), folder);
    await run(program, test, { env: variables });
    const part = startPart({ name: program, program, args, folder, variables, onLine });
    await listening(port, part);
    return { part, authority, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A certificate for `localhost`, under the names that each program reads. @returns file of the authority that signed it */
export async function makeCertificate(folder: string): Promise<string> {
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const authority = [
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "30",
    "-subj",
    "/CN=a2a-fleet on this machine",
  ];
  const uses = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
  const extensions = uses.flatMap((use) => ["-addext", use]);
  await openssl("req", ...authority, ...extensions, "-keyout", "ca.key", "-out", "ca.crt");
  const request = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "localhost.key"];
  await openssl("req", ...request, "-out", "localhost.csr");
  writeFileSync(
    join(folder, "names"),
    "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n",
  );
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "names"];
  await openssl("x509", "-req", "-in", "localhost.csr", "-out", "localhost.crt", ...signed);
  await run("sh", ["-c", "cat localhost.crt localhost.key > localhost.pem; rm ca.key"], {
    cwd: folder,
  });
  return join(folder, "ca.crt");
}
