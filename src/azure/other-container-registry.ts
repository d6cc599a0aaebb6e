import type { Construct } from "constructs";
import type { AzureIdentity } from "./azure-identity";
import type { IContainerRegistry, RegistryPull } from "./container-registry";
import { grantSecret, type IKeyVaultSecrets, secretReference } from "./key-vault-secrets";

/** A registry outside Azure: agents pull with a user name, and a password that is a secret of the vault. */
export class OtherContainerRegistry implements IContainerRegistry {
  readonly server: string;

  constructor(
    private readonly props: {
      /** Host name, optionally with a path. */
      readonly server: string;
      readonly username: string;
      readonly passwordSecret: string;
      readonly secrets: IKeyVaultSecrets;
    },
  ) {
    this.server = props.server.split("/")[0] ?? props.server;
  }

  pull(scope: Construct, identity: AzureIdentity): RegistryPull {
    const { secrets, username, passwordSecret } = this.props;
    const secret = secrets.secret(passwordSecret);
    return {
      kind: "password",
      username,
      password: secretReference(secrets, secret, "REGISTRY_PASSWORD"),
      grants: [grantSecret(scope, secret, identity)],
    };
  }
}
