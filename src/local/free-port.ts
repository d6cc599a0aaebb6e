import { createServer } from "node:net";

/**
 * Ports that are drawn from: below those that any system gives to whoever asks for any port (Linux from 32768, macOS and
 * Windows from 49152) or takes for its own end of a connection, and below Kubernetes' node ports (from 30000).
 */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** Ports that a process draws before it comes to those of another, which was started some 200 processes later or before. */
const PORTS_PER_PROCESS = 25;
const FIRST_OF_PROCESS = PORTS_PER_PROCESS * 199 * process.pid;

let drawn = 0;

/**
 * A port of this machine that nobody listens on. Whoever is to listen there needs a second to start: no process is given
 * one port twice, and two processes that draw at the same time draw different ones.
 *
 * @throws Error when all of them are taken.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS; tries += 1) {
    const port = FIRST_PORT + ((FIRST_OF_PROCESS + drawn) % PORTS);
    drawn += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`all ports from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} of this machine are taken`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
