import { walkHome } from "./walked-home";

walkHome("local");
