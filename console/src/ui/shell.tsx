import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import type { Job } from "../api/types";
import { maySeePipeline, type User } from "../auth/session";
import { newlyEnded, newsOf } from "../jobs";
import { useJobs } from "../queries";
import { useServices } from "../services";
import { Brand, PRODUCT } from "./brand";
import { Icon } from "./icons";
import { useNotices } from "./notices";
import { ThemeButton } from "./theme-button";

/** What surrounds every page of somebody who is signed in. */
export function Shell({ user, children }: { readonly user: User; readonly children: ReactNode }): ReactNode {
  const { config } = useServices();
  useJobNews();
  return (
    <>
      <a className="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header className="bar">
        <div className="bar-inside">
          <Link href="/" className="brand-link" aria-label={`${PRODUCT}, start`}>
            <Brand />
          </Link>
          <nav aria-label="Pages">
            <PageLink href="/" below="/jobs">
              Conversions
            </PageLink>
            {maySeePipeline(user, config.pipelineGroup) && (
              <PageLink href="/pipeline" below="/pipeline">
                Pipeline
              </PageLink>
            )}
          </nav>
          <div className="bar-end">
            {config.environment !== "prod" && <span className="tag">{config.environment}</span>}
            <ThemeButton />
            <span className="user" title={user.name}>
              {user.name}
            </span>
            <SignOutButton />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

// By hand, because the address after # is the page's.
function skip(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

interface PageLinkProps {
  readonly href: string;
  /** Where the addresses of its further pages begin. */
  readonly below: string;
  readonly children: ReactNode;
}

function PageLink({ href, below, children }: PageLinkProps): ReactNode {
  const [location] = useLocation();
  const isHere = location === href || location.startsWith(below);
  return (
    <Link href={href} className="nav-link" {...(isHere ? { "aria-current": "page" as const } : {})}>
      {children}
    </Link>
  );
}

function SignOutButton(): ReactNode {
  const { signIn, provider } = useServices();
  const signOut = (): void => {
    const session = signIn.session;
    signIn.end();
    // Signed out here whatever the sign-in service answers.
    const told = provider.type === "oidc" ? provider.oidc.signOut() : session && provider.cognito.signOut(session);
    void told?.catch(() => undefined);
  };
  return (
    <button type="button" className="icon-button" aria-label="Sign out" title="Sign out" onClick={signOut}>
      <Icon name="signOut" />
    </button>
  );
}

/** Tells, on whatever page, when a conversion has ended. */
function useJobNews(): void {
  const { data: jobs } = useJobs();
  const show = useNotices();
  const before = useRef<readonly Job[]>([]);

  useEffect(() => {
    if (jobs === undefined) return;
    for (const job of newlyEnded(before.current, jobs)) {
      show({ text: newsOf(job), tone: job.status === "COMPLETED" ? "good" : "bad", href: `#/jobs/${job.jobId}` });
    }
    before.current = jobs;
  }, [jobs, show]);
}
