/** How holds end, where more than one place says so. */
export const leftPaused = 'left paused: somebody else had frozen it';
