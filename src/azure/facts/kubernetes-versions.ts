/** Minor version of clusters that nobody chose one for. */
export const KUBERNETES_VERSION = "1.35";

/** Days on which minor versions get no more fixes. @see https://kubernetes.io/releases/patch-releases/ */
export const endOfVersions: Readonly<Record<string, string>> = {
  "1.30": "2025-06-28",
  "1.31": "2025-10-28",
  "1.32": "2026-02-28",
  "1.33": "2026-06-28",
  "1.34": "2026-10-27",
  "1.35": "2027-02-28",
};
