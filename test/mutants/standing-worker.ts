import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter } from "node:events";
import { join } from "node:path";
import type { PoolOptions, PoolWorker, WorkerRequest } from "vitest/node";

/**
 * Vitest's process for tests, except that it stays from run to run: the providers' bindings take seconds to load, and
 * what did not change is still there when the next change is judged.
 */
export class StandingWorker implements PoolWorker {
  readonly name = "standing";
  readonly cacheFs = true;
  private readonly events = new EventEmitter();
  private readonly child: ChildProcess;
  private begun = false;

  constructor({ distPath, env, execArgv }: PoolOptions) {
    // The very program that vitest's own pool starts.
    this.child = fork(join(distPath, "workers/forks.js"), [], {
      env,
      execArgv,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
      // What its tests start is in its group, and ends with it.
      detached: true,
    });
    for (const event of ["message", "exit", "error"]) {
      this.child.on(event, (content) => {
        if (this.events.listenerCount(event) > 0) this.events.emit(event, content);
      });
    }
  }

  get lives(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  on(event: string, listener: (content: unknown) => void): void {
    this.events.on(event, listener);
  }

  off(event: string, listener: (content: unknown) => void): void {
    this.events.off(event, listener);
  }

  /** It runs since it was made. */
  async start(): Promise<void> {}

  /** A run that begins or ends in the process is told so, and nothing begins or ends but the first. */
  send(request: WorkerRequest): void {
    if (request.type === "stop") this.answer("stopped");
    else if (request.type === "start" && this.begun) this.answer("started");
    else this.child.send(request);
    this.begun = true;
  }

  async stop(): Promise<void> {
    this.events.removeAllListeners();
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  /** Ends the process and those that it started. */
  end(): void {
    if (this.lives && this.child.pid !== undefined) process.kill(-this.child.pid, "SIGKILL");
  }

  private answer(type: "started" | "stopped"): void {
    setImmediate(() => this.events.emit("message", { __vitest_worker_response__: true, type }));
  }
}
