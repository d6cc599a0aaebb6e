import type { Json } from "../finished-agents";

/** One check of a scanner that other teams run, for a kind of resource that is in use here, and what becomes of it. */
export type ScannerCheck = {
  /** The scanner's own id: `CKV_AZURE_110`. */
  readonly id: string;
  /** What it asks, in our words. */
  readonly asks: string;
} & (
  | {
      /** The checklist asks it, too. */
      readonly here: "covered";
      /** Terraform type that it is asked of. */
      readonly type: string;
      readonly holds: (resource: Json) => boolean;
    }
  | {
      /** There is nothing that it could be asked of, or it is true whatever anybody writes. */
      readonly here: "not-applicable";
      readonly why: string;
    }
  | {
      /** It fails on purpose, in every environment. What one environment alone accepts stands in its `exceptions`. */
      readonly here: "excepted";
      readonly why: string;
    }
);

/** The checks of one scanner that look at kinds of resources in use here, read off its public list. */
export interface Scanner {
  /** Leads the ids of its items: `checkov`. */
  readonly name: string;
  readonly title: string;
  /** Version of the list that was gone through. */
  readonly version: string;
  /** Day on which it was. */
  readonly on: string;
  readonly address: string;
  readonly checks: readonly ScannerCheck[];
}

export function covered(
  id: string,
  asks: string,
  type: string,
  holds: (resource: Json) => boolean,
): ScannerCheck {
  return { id, asks, here: "covered", type, holds };
}

export function notApplicable(id: string, asks: string, why: string): ScannerCheck {
  return { id, asks, here: "not-applicable", why };
}

export function excepted(id: string, asks: string, why: string): ScannerCheck {
  return { id, asks, here: "excepted", why };
}
