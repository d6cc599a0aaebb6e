import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** What a peer does wrong. */
export interface Fault {
  readonly ready?: number;
  readonly cardUrl?: string;
  readonly letsAnybodyIn?: boolean;
  readonly refusesCaller?: boolean;
  readonly noToken?: boolean;
  /** Whether what must be closed to the caller answers. */
  readonly open?: boolean;
  /** Whether who is no peer is reached, and then, whether it lets the caller in. */
  readonly beside?: boolean;
  readonly letsStrangersIn?: boolean;
}

/** An agent that answers as the contract says, but for a fault. */
export async function startPeer({
  ready = 200,
  cardUrl,
  letsAnybodyIn,
  refusesCaller,
}: Fault): Promise<string> {
  let url = "";
  const server = createServer((request: IncomingMessage, response) => {
    const { pathname } = new URL(request.url ?? "/", url);
    if (pathname === "/healthz/ready") return void response.writeHead(ready).end();
    if (request.method === "GET") {
      return void response.end(JSON.stringify({ supportedInterfaces: [{ url: cardUrl ?? url }] }));
    }
    const isCaller = request.headers.authorization === "Bearer the-callers";
    if (!isCaller && !letsAnybodyIn) return void response.writeHead(401).end();
    if (refusesCaller && isCaller) return void response.writeHead(403).end("the role is missing");
    response.end(
      JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32001, message: "Task not found" } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return url;
}

/** A folder with what the program needs of the TypeScript image: the caller's way to tokens. */
export function imageFolder({ noToken }: Pick<Fault, "noToken">): string {
  const folder = mkdtempSync(join(tmpdir(), "inside-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, "dist", "fleet");
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(modules, "settings.js"), "export const readSettings = (skills) => ({ skills });");
  const headers = noToken
    ? 'throw new Error("the issuer gives no token")'
    : 'return { Authorization: "Bearer the-callers" }';
  writeFileSync(join(modules, "tokens.js"), `export class PeerTokens { async headersFor() { ${headers}; } }`);
  return folder;
}
