import type { Letter, Scorecard } from './scorecard.ts';

/** White on each of them has a contrast of at least 4.5; the grade is written too, so that it never hangs on the colour. */
const colours: Readonly<Record<Letter, string>> = {
  'A+': '#116329',
  A: '#1a7f37',
  B: '#4d6b0a',
  C: '#855c00',
  D: '#a8430b',
  F: '#b3202a',
};

/** An SVG of its own, without fonts, scripts or styles: the grade, its day (UTC) and the rubric by which it was computed. */
export function badgeSvg({ grade, at, rubric }: Pick<Scorecard, 'grade' | 'at' | 'rubric'>): string {
  const letter = grade.replace('*', '') as Letter;
  const parts = [
    { text: 'pitwall', fill: '#3b4048' },
    { text: grade, fill: colours[letter] },
    { text: `${at.slice(0, 10)} · rubric ${rubric}`, fill: '#3b4048' },
  ].map((part) => ({ ...part, width: Math.round(part.text.length * perCharacter) + 2 * padding }));
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  let x = 0;
  const drawn = parts.map((part) => {
    const left = x;
    x += part.width;
    const long = part.width - 2 * padding;
    return `<rect x="${left}" width="${part.width}" height="20" fill="${part.fill}"/><text x="${left + part.width / 2}" y="14" textLength="${long}" lengthAdjust="spacingAndGlyphs">${part.text}</text>`;
  });
  const title = `Pitwall scorecard: ${grade} on ${at.slice(0, 10)}, rubric ${rubric}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" viewBox="0 0 ${width} 20" role="img" aria-label="${title}"><title>${title}</title><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">${drawn.join('')}</g></svg>\n`;
}

const perCharacter = 6.6;
const padding = 6;
