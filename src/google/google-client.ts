import { noAnswer } from "../preflight/check";

/** Where Google's services are: the public ones, or a server of a test. */
export interface GoogleEndpoints {
  readonly run: string;
  readonly logging: string;
}

export const publicGoogle: GoogleEndpoints = {
  run: "https://run.googleapis.com",
  logging: "https://logging.googleapis.com",
};

export interface GoogleAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what Google says, read by who asked
  readonly body: any;
}

const TIMEOUT_MS = 30_000;

/** Google's REST interfaces: Cloud Run and its logs. */
export class GoogleClient {
  /** @param getToken throws Unanswered when nobody is logged in */
  constructor(
    private readonly getToken: () => Promise<string>,
    private readonly endpoints: GoogleEndpoints = publicGoogle,
  ) {}

  /** Asks Cloud Run. `path` starts with `projects/`. */
  async run(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<GoogleAnswer> {
    return this.ask(method, `${this.endpoints.run}/v2/${path}`, body);
  }

  /** Looks for entries of a project's log, oldest first. */
  async logEntries(projectId: string, filter: string): Promise<GoogleAnswer> {
    return this.ask("POST", `${this.endpoints.logging}/v2/entries:list`, {
      resourceNames: [`projects/${projectId}`],
      filter,
      orderBy: "timestamp asc",
      pageSize: 1000,
    });
  }

  private async ask(method: string, url: string, body?: object): Promise<GoogleAnswer> {
    const headers = { authorization: `Bearer ${await this.getToken()}`, "content-type": "application/json" };
    try {
      const response = await fetch(url, {
        method,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : {} };
    } catch (error) {
      throw noAnswer(url, error, TIMEOUT_MS);
    }
  }
}
