import { z } from "zod";
import type { Said } from "../../support/cloud-server";
import type { JobFault, JobProgram } from "./job-program";

/** A job as its cloud keeps it. */
interface KeptJob<Sent> {
  readonly sent: Sent;
  /** How often somebody has looked whether it is there. */
  looks: number;
  program?: JobProgram;
}

/** What a cloud says of its jobs. */
export interface JobRules<Sent> {
  /** What its API takes as a job. */
  readonly schema: z.ZodType<Sent>;
  /** What it takes as a job's name. */
  readonly name: RegExp;
  readonly fault: JobFault | undefined;
  /** Runs a job's program. */
  readonly begin: (sent: Sent) => JobProgram;
  readonly complain: (about: string) => void;
}

/** The jobs of a cloud, from their making to their removal. */
export class KeptJobs<Sent> {
  private readonly jobs = new Map<string, KeptJob<Sent>>();
  /** Jobs as they were sent, also those that are gone. */
  readonly sent: Sent[] = [];

  constructor(private readonly rules: JobRules<Sent>) {}

  get names(): string[] {
    return [...this.jobs.keys()];
  }

  has(name: string): boolean {
    return this.jobs.has(name);
  }

  program(name: string): JobProgram | undefined {
    return this.jobs.get(name)?.program;
  }

  /** Keeps what was sent. @returns the cloud's refusal; undefined where it takes it */
  make(name: string, body: unknown): Said | undefined {
    const { schema, name: wellNamed, complain } = this.rules;
    if (!wellNamed.test(name)) complain(`'${name}' is no name of a job`);
    const { success, error, data } = schema.safeParse(body);
    if (!success) {
      complain(z.prettifyError(error));
      return { status: 400, body: { error: { message: "Invalid request" } } };
    }
    this.sent.push(data);
    this.jobs.set(name, { sent: data, looks: 0 });
    return undefined;
  }

  /** Looks whether a job is there: at the second look it is. */
  look(name: string): "no such job" | "in progress" | "failed" | "done" {
    const job = this.jobs.get(name);
    if (job === undefined) return "no such job";
    job.looks += 1;
    if (job.looks < 2) return "in progress";
    return this.rules.fault === "can't be made" ? "failed" : "done";
  }

  /** Starts a job's program. */
  run(name: string): void {
    const { fault, begin, complain } = this.rules;
    const job = this.jobs.get(name);
    if (job === undefined || job.looks < 2) complain("run before it was there");
    else if (fault !== "hangs" && fault !== "no image") job.program = begin(job.sent);
  }

  remove(name: string): void {
    this.program(name)?.end();
    this.jobs.delete(name);
  }

  /** Ends every program. */
  end(): void {
    for (const { program } of this.jobs.values()) program?.end();
  }
}
