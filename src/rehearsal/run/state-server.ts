import { randomUUID } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ledgerPath, readLedger } from "../ledger";

/** How long a Terraform that nobody waits for any more may take to save what it has. */
const GRACE_MS = 60_000;
/** The simulated clouds write down within milliseconds what was asked of them last. */
const SETTLED_MS = 100;

interface Lock {
  readonly stack: string;
  readonly id: string;
  /** What Terraform says of itself, for those who wait. */
  readonly info: string;
}

/**
 * Keeps the states of a rehearsal by Terraform's `http` backend, as files of the work folder. Terraform writes a state of
 * its own as a whole at each resource that it makes, and compares it with the last: with 300 resources that takes most
 * of its time. Of one that is kept elsewhere, as a real deploy's is, it saves what it has when it is done.
 *
 * What a Terraform did that was killed before it could save hasn't happened in the simulated clouds either.
 */
export class StateServer {
  private lock: Lock | undefined;
  /** Part of every address: others on this machine don't know it. */
  private readonly token = randomUUID();

  private constructor(
    private readonly server: Server,
    /** Folder of the simulated clouds. */
    private readonly cloud: string,
    private readonly statePath: (stack: string) => string,
  ) {
    server.on("request", (request, response) => this.answer(request, response));
    // A connection that ends tells that its Terraform has.
    server.keepAliveTimeout = 0;
  }

  static async start(cloud: string, statePath: (stack: string) => string): Promise<StateServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return new StateServer(server, cloud, statePath);
  }

  addressOf(stack: string): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${this.token}/${encodeURIComponent(stack)}`;
  }

  /** To be called when the program that ran Terraform has ended. One that was killed leaves its lock. */
  async release(): Promise<void> {
    const deadline = Date.now() + GRACE_MS;
    while (this.lock !== undefined && (await this.isConnected()) && Date.now() < deadline) await sleep(50);
    if (this.lock === undefined) return;
    await sleep(SETTLED_MS);
    this.undo(this.lock);
  }

  /** To be called when the simulated clouds have ended. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    if (this.lock !== undefined) this.undo(this.lock);
  }

  private isConnected(): Promise<boolean> {
    return new Promise((resolve) => this.server.getConnections((_error, count) => resolve(count > 0)));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://state");
      const [, token, stack] = pathname.split("/").map(decodeURIComponent);
      const body = Buffer.concat(chunks);
      const id = searchParams.get("ID") ?? undefined;
      try {
        if (token !== this.token || stack === undefined) response.statusCode = 403;
        else this.serve(request.method, { stack, id, body }, response);
      } catch (error) {
        response.statusCode = 500;
        response.write((error as Error).message);
      }
      response.end();
    });
  }

  private serve(
    method: string | undefined,
    { stack, id, body }: { stack: string; id: string | undefined; body: Buffer },
    response: ServerResponse,
  ): void {
    const path = this.statePath(stack);
    switch (method) {
      case "GET":
        if (existsSync(path)) response.write(readFileSync(path));
        else response.statusCode = 404;
        return;
      case "LOCK": {
        if (this.lock !== undefined) {
          response.statusCode = 423;
          response.write(this.lock.info);
          return;
        }
        const info = body.toString("utf8");
        rmSync(unsaved(path), { force: true });
        this.lock = { stack, id: (JSON.parse(info) as { ID: string }).ID, info };
        keepLedger(this.cloud);
        return;
      }
      case "POST":
        // Saved with the lock, what happens in the clouds meanwhile and what the state says of it come true together.
        if (this.lock?.stack === stack && this.lock.id === id) writeFileSync(unsaved(path), body);
        else if (this.lock === undefined && id === undefined) writeState(path, body);
        else response.statusCode = 409;
        return;
      case "UNLOCK": {
        if (this.lock?.stack !== stack) return;
        if (existsSync(unsaved(path))) renameSync(unsaved(path), path);
        forgetLedger(this.cloud);
        this.lock = undefined;
        return;
      }
      default:
        response.statusCode = 405;
    }
  }

  private undo({ stack }: Lock): void {
    rmSync(unsaved(this.statePath(stack)), { force: true });
    undoUnsaved(this.cloud);
    this.lock = undefined;
  }
}

function unsaved(path: string): string {
  return `${path}.unsaved`;
}

function writeState(path: string, body: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(unsaved(path), body);
  renameSync(unsaved(path), path);
}

/** The simulated clouds as they were when a Terraform took its state's lock. */
function keptLedger(cloud: string): string {
  return join(cloud, "ledger-before.json");
}

function keepLedger(cloud: string): void {
  const path = ledgerPath(cloud);
  const kept = keptLedger(cloud);
  if (existsSync(path)) copyFileSync(path, `${kept}.tmp`);
  else writeFileSync(`${kept}.tmp`, JSON.stringify(readLedger(cloud)));
  renameSync(`${kept}.tmp`, kept);
}

function forgetLedger(cloud: string): void {
  rmSync(keptLedger(cloud), { force: true });
}

/** Takes the simulated clouds back to where a Terraform began that never saved its state; nothing where each has. */
export function undoUnsaved(cloud: string): void {
  const kept = keptLedger(cloud);
  if (existsSync(kept)) renameSync(kept, ledgerPath(cloud));
}
