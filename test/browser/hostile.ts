/** Text from outside that would like to be markup, colour, another order of letters, a formula, or to take up all the room. */
export const hostile = {
  markup: `"'><img src=x onerror=alert(1)><script>alert(2)</script>`,
  ansi: '\u001B[31mred\u001B[0m\u001B]0;title\u0007\u0008\u009B2J',
  bidi: 'invoice\u202Efdp.exe\u2066 \u200B\uFEFF',
  formula: `=cmd|'/C calc'!A1`,
  long: `${'x'.repeat(300)}/shop:latest`,
} as const;

/** Characters that no page may hold as they are: they would move, hide or recolour what stands beside them. */
export const live = /[^\P{Cc}\t\n\r]|\p{Bidi_Control}|[\u200B\uFEFF]/u;
