import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useSyncExternalStore } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { JobPage } from "./pages/job";
import { JobsPage } from "./pages/jobs";
import { NotFoundPage } from "./pages/not-found";
import { PipelinePage } from "./pages/pipeline";
import { SignInPage } from "./pages/sign-in";
import { type Services, ServicesProvider, useServices } from "./services";
import { Notices } from "./ui/notices";
import { Shell } from "./ui/shell";
import { UploadsProvider } from "./upload/provider";

export function App({ services }: { readonly services: Services }): ReactNode {
  return (
    <ServicesProvider value={services}>
      <QueryClientProvider client={services.queries}>
        <Notices>
          <UploadsProvider>
            <Router hook={useHashLocation}>
              <SignedInOrNot />
            </Router>
          </UploadsProvider>
        </Notices>
      </QueryClientProvider>
    </ServicesProvider>
  );
}

function SignedInOrNot(): ReactNode {
  const { signIn, queries } = useServices();
  const state = useSyncExternalStore(signIn.subscribe, signIn.state);
  const signedIn = state.kind === "signed-in";

  useEffect(() => {
    // Nothing that one person saw stays for the next.
    if (!signedIn) queries.clear();
  }, [signedIn, queries]);

  if (!signedIn) return <SignInPage expired={state.kind === "expired" ? state.user : null} />;
  return (
    <Shell user={state.user}>
      <Switch>
        <Route path="/" component={JobsPage} />
        <Route path="/jobs/:jobId">{({ jobId }) => <JobPage key={jobId} jobId={jobId} />}</Route>
        <Route path="/pipeline" component={PipelinePage} />
        <Route path="/jobs">
          <Redirect to="/" replace />
        </Route>
        <Route component={NotFoundPage} />
      </Switch>
    </Shell>
  );
}
