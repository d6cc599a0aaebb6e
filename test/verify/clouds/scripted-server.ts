import { CloudServer, type Question, type Said } from "../../support/cloud-server";

/** What a cloud says to each question, in turn; the last goes on. `<job>` is the job's name, `<here>` the server's URL. */
export type Script = Readonly<Record<string, Said | readonly Said[]>>;

/** A cloud that says what a test wrote down, so that every answer can be had that a cloud may give. */
export class ScriptedServer extends CloudServer {
  private readonly times = new Map<string, number>();
  /** What was asked, with what came with it. */
  readonly questions: Question[] = [];

  constructor(private readonly script: Script) {
    super();
  }

  /** How often something was asked. */
  count(what: string): number {
    return this.times.get(what) ?? 0;
  }

  protected answer(question: Question): Said {
    this.questions.push(question);
    const path = question.path.replace(/[\w-]+-verify-\w+/, "<job>");
    const what = Object.keys(this.script).find((each) => {
      const [method, end = ""] = each.split(" ");
      return method === question.method && path.endsWith(end);
    });
    if (what === undefined) {
      this.complain(`${question.method} ${path} is not in the script`);
      return { status: 400 };
    }
    const time = this.count(what);
    this.times.set(what, time + 1);
    const said = [this.script[what] ?? []].flat();
    return JSON.parse(JSON.stringify(said[Math.min(time, said.length - 1)]).replaceAll("<here>", this.url));
  }
}
