import { type ReactNode, useState } from "react";
import type { Preview, PreviewColumn } from "../api/types";
import { indented } from "../cells";
import { counted, number } from "../format";
import { usePreview } from "../queries";
import { Dialog } from "../ui/dialog";
import { Empty, Loading, Problem } from "../ui/message";

/** The first rows of the result. */
export function PreviewSection({ jobId }: { readonly jobId: string }): ReactNode {
  const { data: preview, error, refetch } = usePreview(jobId);
  return (
    <section aria-labelledby="preview-heading">
      <div className="section-head">
        <h2 id="preview-heading">Preview</h2>
        {preview !== undefined && preview.rows.length > 0 && <p className="section-note">{extentOf(preview)}</p>}
      </div>
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {preview === undefined && error === null && <Loading what="the first rows" />}
      {preview?.rows.length === 0 && (
        <Empty icon="file" title="Nothing to show here">
          The first row is too large for a preview. Download the result to see it.
        </Empty>
      )}
      {preview !== undefined && preview.rows.length > 0 && <PreviewTable preview={preview} />}
    </section>
  );
}

function extentOf({ rows, totalRows, truncated }: Preview): string {
  if (!truncated) return `All ${counted(rows.length, "row")}`;
  return totalRows === null
    ? `The first ${counted(rows.length, "row")}`
    : `The first ${number(rows.length)} of ${counted(totalRows, "row")}`;
}

function PreviewTable({ preview }: { readonly preview: Preview }): ReactNode {
  const [opened, setOpened] = useState<number | null>(null);
  const row = opened === null ? undefined : preview.rows[opened];
  return (
    <>
      <div className="table-frame preview-frame card" role="region" aria-label="First rows" tabIndex={0}>
        <table className="table preview-table">
          <thead>
            <tr>
              <th scope="col" className="row-number">
                <span className="visually-hidden">Row</span>
              </th>
              {preview.columns.map((column, index) => (
                // Two columns may have one name.
                <th scope="col" key={index} className={`cell-${column.type}`}>
                  {column.name}
                  <small>{column.type}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((values, index) => (
              <tr key={index}>
                <th scope="row" className="row-number">
                  <button
                    type="button"
                    aria-label={`Open row ${index + 1}`}
                    onClick={() => {
                      setOpened(index);
                    }}
                  >
                    {index + 1}
                  </button>
                </th>
                {preview.columns.map((column, position) => (
                  <Cell key={position} column={column} value={values[position] ?? null} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Dialog
        title={`Row ${(opened ?? 0) + 1}`}
        isOpen={row !== undefined}
        onClose={() => {
          setOpened(null);
        }}
      >
        <RecordValues columns={preview.columns} values={row ?? []} />
      </Dialog>
    </>
  );
}

interface CellProps {
  readonly column: PreviewColumn;
  readonly value: string | null;
}

function Cell({ column, value }: CellProps): ReactNode {
  if (value === null) return <td className="cell cell-null">null</td>;
  return (
    <td className={`cell cell-${column.type}`} title={value.length > 40 ? value : undefined}>
      <span>{value}</span>
    </td>
  );
}

interface RecordProps {
  readonly columns: readonly PreviewColumn[];
  readonly values: readonly (string | null)[];
}

/** One row with room for every value. */
function RecordValues({ columns, values }: RecordProps): ReactNode {
  return (
    <div className="record" role="region" tabIndex={0} aria-label="Values of the row">
      <dl>
        {columns.map((column, position) => (
          <div key={position}>
            <dt>{column.name}</dt>
            <dd className={`cell-${values[position] == null ? "null" : column.type}`}>{shown(column, values[position] ?? null)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function shown(column: PreviewColumn, value: string | null): string {
  if (value === null) return "null";
  return column.type === "object" || column.type === "array" ? indented(value) : value;
}
