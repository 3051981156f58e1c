import type { ReactNode } from "react";
import { Link } from "wouter";
import { Page } from "../ui/page";

export function NotFoundPage(): ReactNode {
  return (
    <Page title="There is no such page" intro="The address may be misspelt, or the page may have moved.">
      <Link href="/" className="button button-main">
        To your conversions
      </Link>
    </Page>
  );
}
