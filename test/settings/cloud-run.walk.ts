import { walkHome } from "./walked-home";

walkHome("cloud-run");
