import { type CloudRunSettings, cloudRunSchema } from "./cloud-run-settings";
import { type GoogleSettings, googleSchema } from "./google-settings";

/** What Google Cloud adds to an environment. */
export interface GoogleEnvironment {
  /** The Google side; needed by Cloud Run and Google's stores. @default - no Google Cloud */
  readonly google?: GoogleSettings;

  /** @default {} */
  readonly cloudRun?: CloudRunSettings;
}

export const googleShape = {
  google: googleSchema.optional(),
  cloudRun: cloudRunSchema.optional(),
};
