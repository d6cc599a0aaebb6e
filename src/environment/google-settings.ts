/** The Google side of an environment. */
export interface GoogleSettings {
  readonly projectId: string;
  /** Number of the project: part of every Cloud Run URL, and only known to Google otherwise. */
  readonly projectNumber: string;
  /** Region, as Google writes it: `us-central1`, `europe-west4`. */
  readonly region: string;
}
