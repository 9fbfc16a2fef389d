import { setTheme, THEMES, useTheme } from "@/ui";

import { Section } from "./section";
import styles from "./settings.module.css";

export function Appearance() {
  const theme = useTheme();
  return (
    <Section title="Theme" lead="Kept in this browser.">
      <div className={styles.themes} role="radiogroup" aria-label="Theme">
        {THEMES.map(({ value, label }) => (
          <label key={value} className={styles.theme}>
            <input
              type="radio"
              name="theme"
              value={value}
              checked={theme === value}
              onChange={() => setTheme(value)}
            />
            {label}
          </label>
        ))}
      </div>
    </Section>
  );
}
