import type { ReactNode } from "react";
import type { JsonFormat, OutputOptions } from "../api/types";

interface Props {
  readonly options: OutputOptions;
  readonly onChange: (options: OutputOptions) => void;
}

const FORMATS: readonly { readonly format: JsonFormat; readonly name: string; readonly meaning: string }[] = [
  { format: "ndjson", name: "One record per line", meaning: "NDJSON: best for large files and for other programs" },
  { format: "json", name: "One list of records", meaning: "a JSON array: for tools that read a whole file at once" },
];

/** How the JSON is to be written. */
export function OptionFields({ options, onChange }: Props): ReactNode {
  return (
    <fieldset className="options">
      <legend>Write the JSON as</legend>
      {FORMATS.map(({ format, name, meaning }) => (
        <label key={format} className="choice">
          <input
            type="radio"
            name="format"
            checked={options.format === format}
            onChange={() => {
              onChange({ ...options, format });
            }}
          />
          <span>
            {name}
            <small>{meaning}</small>
          </span>
        </label>
      ))}
      <label className="choice">
        <input
          type="checkbox"
          checked={options.compression === "gzip"}
          onChange={(event) => {
            onChange({ ...options, compression: event.target.checked ? "gzip" : "none" });
          }}
        />
        <span>
          Compress it
          <small>gzip: a smaller download that has to be unpacked</small>
        </span>
      </label>
    </fieldset>
  );
}
