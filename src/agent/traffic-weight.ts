/** A share of an agent's traffic. */
export interface TrafficWeight {
  /** Suffix of a revision, or `latest`. */
  readonly revision: string;
  /** 0 to 100. */
  readonly percent: number;
  /**
   * Name under which the revision also has an address of its own (Cloud Run: `https://<tag>---<service>…`, Container
   * Apps: `https://<app>---<tag>.…`): for trying it at 0 percent.
   *
   * @default - none
   */
  readonly tag?: string;
}
