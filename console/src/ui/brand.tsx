import type { ReactNode } from "react";
import icon from "../assets/icon.svg";

export const PRODUCT = "Parquet to JSON";

export function Brand(): ReactNode {
  return (
    <span className="brand">
      <img src={icon} alt="" width={30} height={30} />
      <span className="brand-name">{PRODUCT}</span>
    </span>
  );
}
