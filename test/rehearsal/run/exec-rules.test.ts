import { expect, test } from "vitest";
import { requireAllowed } from "../../../src/rehearsal/run/exec";
import { sealedEnvironment } from "../../../src/rehearsal/run/sealed-environment";

test.each([
  "cdktf diff staging",
  "cdktf deploy staging --auto-approve",
  "cdktf output --outputs-file outputs.json",
  "terraform plan -out=plan",
  "terraform state list",
  "tofu apply -auto-approve",
])("exec runs '%s'", (line) => {
  expect(() => requireAllowed(line.split(" "))).not.toThrow();
});

test.each([
  ["kubectl get pods", /cdktf, terraform and tofu only/],
  ["/usr/bin/terraform plan", /cdktf, terraform and tofu only/],
  ["constructor", /cdktf, terraform and tofu only/],
  ["cdktf login", /doesn't run 'cdktf login'/],
  ["cdktf watch", /doesn't run 'cdktf watch'/],
  ["cdktf", /'cdktf' alone/],
  ["cdktf diff -o /elsewhere", /refuses '-o'/],
  ["cdktf diff --output=cdktf.out", /refuses '--output=cdktf.out'/],
  ["cdktf deploy --app other", /refuses '--app'/],
  ["terraform -chdir=/elsewhere plan", /refuses '-chdir=/],
  ["terraform init -backend-config=real.tfbackend", /refuses '-backend-config=/],
  ["terraform plan --state=/elsewhere/terraform.tfstate", /refuses '--state=/],
  ["tofu apply -state-out other", /refuses '-state-out'/],
  ["terraform workspace select production", /doesn't run 'terraform workspace'/],
  ["terraform login", /doesn't run 'terraform login'/],
])("exec refuses '%s'", (line, message) => {
  expect(() => requireAllowed(line.split(" "))).toThrow(message);
});

test("nothing of a person's clouds gets into the environment of a rehearsal", () => {
  const env = sealedEnvironment({
    home: "/work/home",
    terraformConfigFile: "/work/home/terraform.rc",
    reattach: "{}",
    from: {
      PATH: "/usr/bin",
      LC_ALL: "C",
      HOME: "/home/me",
      ARM_CLIENT_SECRET: "x",
      AZURE_CONFIG_DIR: "x",
      GOOGLE_APPLICATION_CREDENTIALS: "x",
      AWS_PROFILE: "x",
      KUBECONFIG: "x",
      KUBE_CONFIG_PATH: "x",
      TF_CLI_ARGS_plan: "-state=/real",
      TF_WORKSPACE: "production",
      TF_DATA_DIR: "/real",
      TF_VAR_x: "x",
      TF_TOKEN_app_terraform_io: "x",
      CDKTF_OUTDIR: "/real",
      SOMETHING_NEW_TOKEN: "x",
    },
  });
  expect(Object.keys(env).sort()).toEqual([
    "CDKTF_DISABLE_PLUGIN_CACHE_ENV",
    "CDKTF_HOME",
    "CHECKPOINT_DISABLE",
    "GOGC",
    "GOMEMLIMIT",
    "HOME",
    "LC_ALL",
    "PATH",
    "TERRAFORM_BINARY_NAME",
    "TF_CLI_CONFIG_FILE",
    "TF_IN_AUTOMATION",
    "TF_REATTACH_PROVIDERS",
  ]);
  expect(env.HOME).toBe("/work/home");
});
