import type { Environment } from "a2a-fleet";
import { dev } from "./dev";
import { production } from "./production";
import { staging } from "./staging";

/** Every environment: one line each. */
export const environments: readonly Environment[] = [dev, staging, production];
