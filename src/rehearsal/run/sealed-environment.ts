import { dirname, join } from "node:path";
import type { TerraformProgram } from "./terraform-program";

/**
 * Variables that children may have from the person's shell. It is a list of what is let in: what isn't on it
 * (ARM_*, AZURE_*, GOOGLE_*, AWS_*, KUBECONFIG, TF_VAR_*, TF_CLI_ARGS, TF_WORKSPACE, TF_TOKEN_*, …) can't
 * lead a child to a real cloud or a real state, also what no one has thought of yet.
 */
const LET_IN = [
  "PATH",
  "LANG",
  "LANGUAGE",
  "TERM",
  "TZ",
  "SHELL",
  "USER",
  "LOGNAME",
  "TMPDIR",
  "NODE_EXTRA_CA_CERTS",
  // Version managers put a shim on the path that finds the real program by these.
  "ASDF_DATA_DIR",
  "ASDF_DIR",
  "MISE_DATA_DIR",
  "TENV_ROOT",
  "TFENV_CONFIG_DIR",
  "VOLTA_HOME",
  "NVM_DIR",
];

export interface SealedEnvironmentProps {
  /** The work folder's `home`: what programs write to a home folder goes there. */
  readonly home: string;
  /** Terraform's own settings file, inside the work folder. */
  readonly terraformConfigFile: string;
  /** Value of TF_REATTACH_PROVIDERS, which leads Terraform to the simulated clouds. */
  readonly reattach: string;
  /** What cdktf runs. @default "terraform" */
  readonly program?: TerraformProgram;
  /** @default - this process' own */
  readonly from?: NodeJS.ProcessEnv;
}

/** The environment of every program that a rehearsal starts. */
export function sealedEnvironment(props: SealedEnvironmentProps): NodeJS.ProcessEnv {
  const from = props.from ?? process.env;
  const kept = Object.fromEntries(
    Object.entries(from).filter(([name]) => LET_IN.includes(name) || name.startsWith("LC_")),
  );
  return {
    ...kept,
    // The Node that runs us runs cdktf and the app, too, whatever else is on the path.
    PATH: `${dirname(process.execPath)}:${from.PATH ?? ""}`,
    HOME: props.home,
    CDKTF_HOME: join(props.home, ".cdktf"),
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
    CHECKPOINT_DISABLE: "1",
    TF_CLI_CONFIG_FILE: props.terraformConfigFile,
    TERRAFORM_BINARY_NAME: props.program ?? "terraform",
    TF_IN_AUTOMATION: "1",
    // Terraform spends a third of its time on collecting garbage, in runs that are over in seconds: it collects none to speak
    // of until it has grown to some 500 MB, and as much as it takes from there on.
    GOGC: "1600",
    GOMEMLIMIT: "512MiB",
    TF_REATTACH_PROVIDERS: props.reattach,
  };
}

/**
 * Terraform's settings: no provider is ever installed, from a registry or elsewhere. One that the simulated
 * clouds don't serve therefore fails at once, with a network as without.
 */
export function terraformSettings(emptyFolder: string): string {
  return [
    "disable_checkpoint = true",
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(emptyFolder)}`,
    '    include = ["*/*/*"]',
    "  }",
    "}",
    "",
  ].join("\n");
}
