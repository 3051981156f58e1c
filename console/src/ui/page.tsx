import { type ReactNode, useEffect, useRef } from "react";
import { PRODUCT } from "./brand";

interface PageProps {
  readonly title: string;
  readonly intro?: ReactNode;
  readonly above?: ReactNode;
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

// The first page of a visit leaves the focus where the browser put it.
let isFirstPage = true;

/** A page and its heading, which takes the focus when the page is reached by a link: screen readers then say where one is. */
export function Page({ title, intro, above, beside, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
  }, [title]);

  useEffect(() => {
    if (!isFirstPage) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    isFirstPage = false;
  }, []);

  return (
    <div className="page">
      {above}
      <header className="page-head">
        <div className="page-title">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {intro !== undefined && <div className="intro">{intro}</div>}
        </div>
        {beside}
      </header>
      {children}
    </div>
  );
}
