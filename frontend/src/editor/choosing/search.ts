export interface Choice {
  id: string;
  title: string;
  hint?: string;
  group?: string;
  keywords?: readonly string[];
}

/** Best first: the title's beginning, a word's beginning, inside the title, then keywords, group and hint. */
export function found<T extends Choice>(choices: readonly T[], query: string): readonly T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return choices;
  return choices
    .map((choice) => ({ choice, rank: words.map((word) => rankOf(choice, word)) }))
    .filter(({ rank }) => rank.every((one) => one < NO_MATCH))
    .sort((a, b) => sum(a.rank) - sum(b.rank))
    .map(({ choice }) => choice);
}

const NO_MATCH = 9;

function rankOf(choice: Choice, word: string): number {
  const title = choice.title.toLowerCase();
  if (title.startsWith(word)) return 0;
  if (title.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) return 1;
  if (choice.keywords?.some((keyword) => keyword.toLowerCase().startsWith(word))) return 2;
  if (title.includes(word)) return 3;
  if (choice.group?.toLowerCase().startsWith(word)) return 4;
  if (choice.hint?.toLowerCase().includes(word)) return 5;
  return NO_MATCH;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
