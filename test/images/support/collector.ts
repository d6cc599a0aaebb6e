import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A collector of telemetry: takes OTLP over HTTP, and keeps what it was sent. */
export interface TestCollector {
  readonly url: string;
  /** Bodies that came for a signal, as they are: protobuf, in which names and ids stand as they are. */
  readonly received: (signal: "traces" | "metrics") => Buffer[];
  readonly stop: () => void;
}

export async function startCollector(): Promise<TestCollector> {
  const bodies = new Map<string, Buffer[]>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? "";
    bodies.set(path, [...(bodies.get(path) ?? []), Buffer.concat(chunks)]);
    response.setHeader("Content-Type", "application/x-protobuf").end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (signal) => bodies.get(`/v1/${signal}`) ?? [],
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
