import { type ReactNode, useState } from "react";
import { readTheme, showTheme, type Theme, THEMES } from "../theme";
import { Icon, type IconName } from "./icons";

const ICONS: Readonly<Record<Theme, IconName>> = { system: "computer", light: "sun", dark: "moon" };
const NAMES: Readonly<Record<Theme, string>> = { system: "as the system has it", light: "light", dark: "dark" };

/** One press goes on to the next theme. */
export function ThemeButton(): ReactNode {
  const [theme, setTheme] = useState(readTheme);
  const next = (): void => {
    const following = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
    showTheme(following);
    setTheme(following);
  };
  const label = `Colours: ${NAMES[theme]}. Change`;
  return (
    <button type="button" className="icon-button" aria-label={label} title={`Colours: ${NAMES[theme]}`} onClick={next}>
      <Icon name={ICONS[theme]} />
    </button>
  );
}
