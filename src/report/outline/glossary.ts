/** The words of a report, for a reader who meets them for the first time. */
export const glossary: readonly (readonly string[])[] = [
  [
    'drill',
    'A crash, an attack or a change that is made on purpose, to see whether what must hold holds. Run by Pitwall on a schedule or by hand.',
  ],
  ['holds', 'It was tried, the control shows that the attempt could have worked, and it did not.'],
  ['broken', 'The title says what ought to be so, and it is not: the attempt worked, or the behaviour was not there.'],
  ['missed', 'A time or a count was measured, and is beyond what was asked for.'],
  ['inconclusive', 'It could not be found out. Not the same as good.'],
  ['ageing', 'It held, longer ago than its drill’s cadence: it counts for less with every day.'],
  ['expired', 'It held, too long ago to prove anything.'],
  ['waived', 'Known, and accepted by somebody until a day.'],
  ['left behind', 'Something that a drill changed and could not be shown to have put back.'],
];
