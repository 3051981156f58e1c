import { type ReactNode, useId, useState } from "react";
import { Icon } from "./icons";

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly autoComplete: string;
  readonly hint?: string;
  readonly defaultValue?: string;
  readonly autoFocus?: boolean;
  readonly inputMode?: "numeric";
}

export function TextField({ label, hint, ...input }: FieldProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="text" required spellCheck={false} autoCapitalize="none" {...described(id, hint)} {...input} />
      <Hint id={id} hint={hint} />
    </div>
  );
}

/** A password, which its owner may look at. */
export function PasswordField({ label, hint, ...input }: FieldProps): ReactNode {
  const id = useId();
  const [isShown, setShown] = useState(false);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-with-button">
        <input id={id} type={isShown ? "text" : "password"} required {...described(id, hint)} {...input} />
        <button
          type="button"
          className="icon-button"
          aria-label="Show the password"
          aria-pressed={isShown}
          onClick={() => {
            setShown(!isShown);
          }}
        >
          <Icon name="eye" size={18} />
        </button>
      </div>
      <Hint id={id} hint={hint} />
    </div>
  );
}

function Hint({ id, hint }: { readonly id: string; readonly hint: string | undefined }): ReactNode {
  return (
    hint !== undefined && (
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
    )
  );
}

function described(id: string, hint: string | undefined): { "aria-describedby"?: string } {
  return hint === undefined ? {} : { "aria-describedby": `${id}-hint` };
}
