import "@fontsource-variable/inter/index.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/pages.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { loadConfig } from "./config";
import { CannotStart } from "./pages/cannot-start";
import { servicesOf } from "./services";
import { readTheme, showTheme } from "./theme";

showTheme(readTheme());
const element = document.getElementById("root");
if (element === null) throw new Error("index.html has no #root");
const root = createRoot(element);

try {
  const services = await servicesOf(await loadConfig());
  root.render(
    <StrictMode>
      <App services={services} />
    </StrictMode>,
  );
} catch (error) {
  root.render(<CannotStart detail={error instanceof Error ? error.message : String(error)} />);
}
