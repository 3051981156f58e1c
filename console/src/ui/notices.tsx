import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
import { Icon } from "./icons";

export interface Notice {
  readonly text: string;
  readonly tone: "good" | "bad";
  /** Address inside the console. */
  readonly href: string;
}

interface Shown extends Notice {
  readonly id: number;
}

const SHOWN_MS = 10_000;
const AT_MOST = 3;
const NoticesContext = createContext<((notice: Notice) => void) | null>(null);
let nextId = 1;

/** News in a corner of every page. They leave by themselves, for each is in the list of conversions too. */
export function Notices({ children }: { readonly children: ReactNode }): ReactNode {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const hide = useCallback((id: number) => {
    setShown((all) => all.filter((notice) => notice.id !== id));
  }, []);
  const show = useCallback(
    (notice: Notice) => {
      const id = nextId++;
      setShown((all) => [...all, { ...notice, id }].slice(-AT_MOST));
      setTimeout(() => {
        hide(id);
      }, SHOWN_MS);
    },
    [hide],
  );
  const list = useMemo(
    () =>
      shown.map((notice) => (
        <li key={notice.id} className={`notice notice-${notice.tone}`}>
          <Icon name={notice.tone === "good" ? "check" : "alert"} />
          <span>{notice.text}</span>
          <a
            href={notice.href}
            onClick={() => {
              hide(notice.id);
            }}
          >
            Open
          </a>
          <button
            type="button"
            className="icon-button"
            aria-label="Dismiss"
            onClick={() => {
              hide(notice.id);
            }}
          >
            <Icon name="close" size={16} />
          </button>
        </li>
      )),
    [shown, hide],
  );
  return (
    <NoticesContext value={show}>
      {children}
      <ul className="notices" aria-live="polite" aria-label="News">
        {list}
      </ul>
    </NoticesContext>
  );
}

export function useNotices(): (notice: Notice) => void {
  const show = use(NoticesContext);
  if (show === null) throw new Error("there is no Notices above this component");
  return show;
}
