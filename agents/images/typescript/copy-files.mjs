// What the compiler leaves behind: the contract's schema, scripts for Redis and the skills' data.
import { cpSync } from "node:fs";

for (const path of ["fleet/contract.schema.json", "fleet/redis-scripts", "agent/data"]) {
  cpSync(path, `dist/${path}`, { recursive: true });
}
