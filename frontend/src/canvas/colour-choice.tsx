import styles from "./colour-choice.module.css";
import { COLOURS, type NoteColour } from "./graph";

interface ColourChoiceProps {
  label: string;
  value: NoteColour | undefined;
  onChoose: (colour: NoteColour) => void;
}

export function ColourChoice({ label, value, onChoose }: ColourChoiceProps) {
  return (
    <div className={`${styles.choice} nodrag nopan`} role="group" aria-label={label}>
      {COLOURS.map((colour) => (
        <button
          key={colour}
          type="button"
          data-colour={colour}
          aria-label={colour}
          aria-pressed={colour === value}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(colour)}
        />
      ))}
    </div>
  );
}
