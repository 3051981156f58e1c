import { createContext, type ReactNode, use, useEffect, useLayoutEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { sendFile } from "../api/send-file";
import { useServices } from "../services";
import { problemOf } from "./parquet-file";
import { type Upload, Uploads } from "./uploads";

const UploadsContext = createContext<Uploads | null>(null);

/** Keeps the uploads while pages change, and through a session that expired, for the user who began them. */
export function UploadsProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { api, config, signIn, queries } = useServices();
  const uploads = useMemo(
    () =>
      new Uploads({
        api,
        send: sendFile,
        problemOf: (file) => problemOf(file, config.maxUploadMb),
        onStarted: () => void queries.invalidateQueries({ queryKey: ["jobs"] }),
      }),
    [api, config, queries],
  );
  const state = useSyncExternalStore(signIn.subscribe, signIn.state);
  const owner = state.kind === "signed-out" ? null : state.user.id;
  const before = useRef(owner);

  // Before the next person's first picture.
  useLayoutEffect(() => {
    if (before.current !== owner) uploads.removeAll();
    before.current = owner;
  }, [owner, uploads]);

  useAskBeforeLeaving(uploads);
  return <UploadsContext value={uploads}>{children}</UploadsContext>;
}

export function useUploads(): Uploads {
  const uploads = use(UploadsContext);
  if (uploads === null) throw new Error("there is no UploadsProvider above this component");
  return uploads;
}

export function useAllUploads(): readonly Upload[] {
  const uploads = useUploads();
  return useSyncExternalStore(uploads.subscribe, uploads.all);
}

function useAskBeforeLeaving(uploads: Uploads): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (uploads.all().some((upload) => upload.phase !== "failed")) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => {
      window.removeEventListener("beforeunload", ask);
    };
  }, [uploads]);
}
