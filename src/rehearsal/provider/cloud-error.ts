/** What remains in the cloud, and in Terraform's state, of something that couldn't be created. */
export type Remains =
  /** Nothing: refused before it was made. */
  | "nothing"
  /** It exists in the cloud, but not in the state: the next run says that it has to be imported. */
  | "orphan"
  /** It exists and is in the state, tainted: the next run replaces it. */
  | "tainted";

/** A refusal by the simulated cloud, in the words of the real one. */
export class CloudError extends Error {
  constructor(
    readonly summary: string,
    readonly detail = "",
    readonly remains: Remains = "nothing",
  ) {
    super(detail ? `${summary}: ${detail}` : summary);
  }
}
