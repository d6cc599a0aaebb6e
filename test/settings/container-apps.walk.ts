import { walkHome } from "./walked-home";

walkHome("container-apps");
