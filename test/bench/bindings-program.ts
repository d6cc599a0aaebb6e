// Measured: cdktf and the given bindings alone. Arguments: their paths.
import { reportAtExit } from "./measured";

reportAtExit();
require("cdktf");
for (const path of process.argv.slice(2)) require(path);
