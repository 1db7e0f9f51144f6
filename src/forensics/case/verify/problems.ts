/** What is wrong with a file of the evidence. */
export interface Problem {
  readonly path: string;
  readonly problem: string;
}

export interface Problems {
  readonly list: readonly Problem[];
  add(path: string, problem: string): void;
}

/** More than this tell no more, and a hostile archive could have millions. */
const most = 1000;

export function collectProblems(): Problems {
  const list: Problem[] = [];
  return {
    list,
    add(path, problem) {
      if (list.length < most) list.push({ path, problem });
    },
  };
}
