import { runChild } from "./child-process";
import { RehearsalFailure } from "./failure";
import type { Interruption } from "./interruption";

/** Write-only arguments came with Terraform 1.11 (and OpenTofu 1.11). */
const OLDEST: Readonly<[number, number]> = [1, 11];
const PROGRAMS = {
  terraform: { name: "Terraform", url: "https://developer.hashicorp.com/terraform/install" },
  tofu: { name: "OpenTofu", url: "https://opentofu.org/docs/intro/install/" },
} as const;

export type TerraformProgram = keyof typeof PROGRAMS;

/**
 * Checks that the program is there and new enough.
 *
 * @returns its version
 * @throws one line that says what to install, and where from
 */
export async function requireTerraform(
  program: TerraformProgram,
  props: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly interruption: Interruption },
): Promise<string> {
  const { name, url } = PROGRAMS[program];
  const wanted = `install ${name} ${OLDEST.join(".")} or newer: ${url}`;
  const result = await runChild({ command: program, args: ["version", "-json"], ...props }).catch((error) => {
    if (["ENOENT", "EACCES", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? ""))
      return undefined;
    throw error;
  });
  if (result === undefined) throw new RehearsalFailure({ what: `'${program}' isn't on the path; ${wanted}` });
  const version = /"terraform_version":\s*"([^"]+)"/.exec(result.stdout)?.[1];
  if (result.exitCode !== 0 || version === undefined) {
    const said = result.output.trim().split("\n")[0] ?? "";
    throw new RehearsalFailure({
      what: `'${program} version' says '${said}' (status ${result.exitCode}); ${wanted}`,
    });
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new RehearsalFailure({ what: `${name} ${version} is too old for write-only arguments; ${wanted}` });
  }
  return version;
}
