/** A user-assigned managed identity: what Azure's dependencies grant roles to. */
export interface AzureIdentity {
  /** Resource id. */
  readonly id: string;
  /** What an application asks for a token with (`AZURE_CLIENT_ID`). */
  readonly clientId: string;
  /** What roles are assigned to. */
  readonly principalId: string;
  readonly name: string;
}
