import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
  /** What was sent with it, as it came. */
  readonly text: string;
  /** The same, read as JSON. */
  readonly body: unknown;
}

export interface Said {
  readonly status: number;
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A cloud's server on the loopback address that is strict: a question that its API doesn't have is kept as a complaint. */
export abstract class CloudServer {
  private readonly server: Server;
  /** `GET /path` of everything that was asked. */
  readonly asked: string[] = [];
  /** What was asked otherwise than the API says. */
  readonly complaints: string[] = [];

  constructor() {
    this.server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://cloud");
        const method = request.method ?? "GET";
        this.asked.push(`${method} ${pathname}`);
        const question = {
          method,
          path: pathname,
          query: searchParams,
          token: request.headers.authorization?.replace("Bearer ", ""),
          text,
          body: text.startsWith("{") ? JSON.parse(text) : undefined,
        };
        const { status, body = "", headers = {} } = this.answer(question);
        response.writeHead(status, { "content-type": "application/json", ...headers });
        // An answer to HEAD has no body.
        if (method === "HEAD") response.end();
        else response.end(typeof body === "string" ? body : JSON.stringify(body));
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  protected abstract answer(question: Question): Said;

  protected complain(about: string): void {
    this.complaints.push(about);
  }
}
