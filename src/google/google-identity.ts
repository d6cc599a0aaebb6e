/** A service account: what Google's dependencies grant roles to. */
export interface GoogleIdentity {
  readonly email: string;
  /** As IAM writes it, `serviceAccount:<email>`. */
  readonly member: string;
  /** Number that never changes: the subject of its tokens. */
  readonly uniqueId: string;
}
