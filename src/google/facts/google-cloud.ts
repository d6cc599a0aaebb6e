import type { CloudTraits } from "../../environment/cloud-traits";
import { findGoogleProblems, GOOGLE_SETTINGS } from "./find-google-problems";

/** Google Cloud, as the core knows it. */
export const googleCloud: CloudTraits = {
  kind: "google",
  title: "Google Cloud",
  network: "Google's network",
  settings: GOOGLE_SETTINGS,
  isIn: ({ google }) => google !== undefined,
  registries: ({ google }) => (google?.images === undefined ? [] : [google.images]),
  findProblems: findGoogleProblems,
};
