export const lettingGo = `
  -- What letting go of a hold needs (JSON), and which process is at it.
  ALTER TABLE holds ADD COLUMN kept TEXT;
  ALTER TABLE holds ADD COLUMN claimed_by INTEGER;
  `;
