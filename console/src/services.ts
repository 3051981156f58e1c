import { QueryClient } from "@tanstack/react-query";
import { createContext, use } from "react";
import { ExportApi } from "./api/client";
import { ApiError } from "./api/errors";
import { Cognito } from "./auth/cognito";
import type { Oidc } from "./auth/oidc";
import { SessionStorageOfTab } from "./auth/session";
import { SignIn } from "./auth/sign-in-state";
import type { Config } from "./config";

export type Provider = { readonly type: "cognito"; readonly cognito: Cognito } | { readonly type: "oidc"; readonly oidc: Oidc };

/** What every page may use. */
export interface Services {
  readonly config: Config;
  readonly provider: Provider;
  readonly signIn: SignIn;
  readonly api: ExportApi;
  readonly queries: QueryClient;
}

export async function servicesOf(config: Config): Promise<Services> {
  const provider = await providerOf(config);
  const renew = provider.type === "cognito" ? provider.cognito.renew.bind(provider.cognito) : () => provider.oidc.renew();
  const signIn = new SignIn(new SessionStorageOfTab(window.sessionStorage), renew);
  return { config, provider, signIn, api: new ExportApi(config.apiUrl, signIn), queries: newQueries() };
}

async function providerOf({ auth, region }: Config): Promise<Provider> {
  if (auth.type === "cognito") return { type: "cognito", cognito: new Cognito(auth, region) };
  // Code that nobody else has to load.
  const { Oidc } = await import("./auth/oidc");
  return { type: "oidc", oidc: new Oidc(auth) };
}

function newQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.isPassing,
        staleTime: 1_000,
      },
    },
  });
}

const ServicesContext = createContext<Services | null>(null);
export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = use(ServicesContext);
  if (services === null) throw new Error("there is no ServicesProvider above this component");
  return services;
}
