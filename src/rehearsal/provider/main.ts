/** The child process that serves the simulated clouds. It lives as long as its standard input is open. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Ledger } from "../ledger";
import { behavioursOf } from "./behaviours";
import { setChartFolders } from "./kubernetes/terraform/chart-folders";
import { simulatedProviders } from "./providers";
import { ProviderServer } from "./server";

/** What the parent says on the first line. */
export interface ServerOptions {
  readonly folder: string;
  readonly socketFolder: string;
  readonly types?: readonly string[];
  readonly seed?: string;
}

/** What the parent may say on later lines. */
export interface OfferRequest {
  readonly types?: readonly string[];
  /** Folders that Terraform runs in: the paths of charts count from there. */
  readonly folders?: readonly string[];
}

/** What the child answers to every line, in one line. */
export type ServerAnswer =
  | { readonly sockets: Readonly<Record<string, string>> }
  | { readonly error: string };

const servers: ProviderServer[] = [];
let ownSockets: string | undefined;
const sockets: Record<string, string> = {};

function answer(message: ServerAnswer): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function serve({ folder, socketFolder, types, seed }: ServerOptions): Promise<void> {
  ownSockets = socketFolder;
  const ledger = new Ledger(folder, seed);
  for (const provider of simulatedProviders) {
    const server = new ProviderServer(folder, ledger, provider, behavioursOf, types && new Set(types));
    const socket = join(socketFolder, `${provider.name}.sock`);
    await server.listen(socket);
    servers.push(server);
    sockets[provider.name] = socket;
  }
}

async function listen(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      if (servers.length === 0) await serve(JSON.parse(line));
      else {
        const { types, folders }: OfferRequest = JSON.parse(line);
        setChartFolders(folders ?? []);
        for (const server of servers) server.offer(types && new Set(types));
      }
      answer({ sockets });
    } catch (error) {
      answer({ error: (error as Error).message });
    }
  }
}

// Ctrl-C goes to the whole group of processes: Terraform still needs its providers to wind down. The parent
// ends this process by closing its standard input, and so does the parent's death.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => process.exit(0));
process.on("exit", () => {
  if (ownSockets) rmSync(ownSockets, { recursive: true, force: true });
});

void listen().then(() => process.exit(0));
