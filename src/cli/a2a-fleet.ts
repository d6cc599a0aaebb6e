#!/usr/bin/env node
import { rehearseCommand } from "./rehearse-command";

const USAGE = `Usage: a2a-fleet rehearse [names...] [options]

Rehearses any Terraform folder, any cdktf output or a cdktf project with the real Terraform in simulated clouds:

  npx a2a-fleet rehearse --folder .
  npx a2a-fleet rehearse --cdktf-out cdktf.out
  npx a2a-fleet rehearse --help
`;

const [name, ...rest] = process.argv.slice(2);
if (name === "rehearse") {
  process.argv = [...process.argv.slice(0, 2), ...rest];
  rehearseCommand({ calledAs: "npx a2a-fleet rehearse" });
} else if (name === "--help" || name === "-h" || name === "help") {
  process.stdout.write(USAGE);
} else {
  process.stderr.write(name === undefined ? USAGE : `there is no command '${name}' (rehearse)\n\n${USAGE}`);
  process.exitCode = 1;
}
