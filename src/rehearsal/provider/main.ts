/** The child process that serves the simulated clouds. It lives as long as its standard input is open. */

import { join } from "node:path";
import { createInterface } from "node:readline";
import { Ledger } from "../ledger";
import { behavioursOf } from "./behaviours";
import { simulatedProviders } from "./providers";
import { ProviderServer } from "./server";

/** What the parent says on the first line. */
export interface ServerOptions {
  readonly folder: string;
  readonly socketFolder: string;
  readonly types?: readonly string[];
  readonly seed?: string;
}

/** What the child answers, once, in one line. */
export type ServerAnswer =
  | { readonly sockets: Readonly<Record<string, string>> }
  | { readonly error: string };

function answer(message: ServerAnswer): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function serve({ folder, socketFolder, types, seed }: ServerOptions): Promise<void> {
  const ledger = new Ledger(folder, seed);
  const offered = types && new Set(types);
  const sockets: Record<string, string> = {};
  for (const provider of simulatedProviders) {
    const socket = join(socketFolder, `${provider.name}.sock`);
    await new ProviderServer(folder, ledger, provider, behavioursOf, offered).listen(socket);
    sockets[provider.name] = socket;
  }
  answer({ sockets });
}

// Ctrl-C goes to the whole group of processes: Terraform still needs its providers to wind down. The parent
// ends this process by closing its standard input, and so does the parent's death.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => process.exit(0));

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  serve(JSON.parse(line)).catch((error: Error) => {
    answer({ error: error.message });
    process.exit(1);
  });
});
lines.once("close", () => process.exit(0));
