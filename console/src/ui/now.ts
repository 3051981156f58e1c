import { useSyncExternalStore } from "react";

const TICK_MS = 10_000;

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, TICK_MS);
  return () => {
    clearInterval(timer);
  };
}

// Whole ticks, so that a look between two of them shows nothing new.
function tick(): number {
  return Math.floor(Date.now() / TICK_MS) * TICK_MS;
}

/** The time, milliseconds since 1970, as it was at the last tick; what uses it is drawn anew at the next. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, tick);
}
