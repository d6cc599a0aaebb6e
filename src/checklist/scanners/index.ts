import { checkov } from "./checkov";
import { psrule } from "./psrule";
import type { Scanner } from "./scanner-check";
import { trivy } from "./trivy";

/** Every scanner whose list was gone through. */
export const scanners: readonly Scanner[] = [checkov, trivy, psrule];
