import type { ReactNode } from "react";
import type { TodaysFiles } from "../api/types";
import { counted, duration, number } from "../format";
import { FILE_STATES, filesOf } from "../pipeline";

interface Props {
  readonly today: TodaysFiles;
  readonly oldestPendingSeconds: number | null;
}

/** Today's files by state: a strip of their shares, and the figures. */
export function Today({ today, oldestPendingSeconds }: Props): ReactNode {
  const all = filesOf(today);
  return (
    <section className="card today" aria-labelledby="today-heading">
      <div className="section-head">
        <h2 id="today-heading">Today</h2>
        <p className="section-note">
          {counted(all, "file")} · oldest waiting file:{" "}
          <strong>{oldestPendingSeconds === null ? "none waits" : duration(oldestPendingSeconds)}</strong>
        </p>
      </div>
      <div className="strip" aria-hidden="true">
        {FILE_STATES.map(
          ({ key }) => today[key] > 0 && <span key={key} className={`state-${key}`} style={{ flexGrow: today[key] }} />,
        )}
      </div>
      <dl className="tiles">
        {FILE_STATES.map(({ key, name, meaning }) => (
          <div key={key} className="tile">
            <dt>
              <span className={`dot state-${key}`} aria-hidden="true" />
              {name}
            </dt>
            <dd className="tile-figure">{number(today[key])}</dd>
            <dd className="tile-meaning">{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
