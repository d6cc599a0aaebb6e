import type { Environment } from "../../../../../src/environment/environment";
import { dev } from "./dev";
import { production } from "./production";
import { staging } from "./staging";

/** Every environment: one line each. */
export const environments: readonly Environment[] = [dev, staging, production];
