import { z } from 'zod';
import { deliveryData } from '../../deliver/index.ts';

/** One delivery for each container that has the file, and, where two values are accepted, for the file of the next one. */
export const dataSchema = z.object({ current: z.array(deliveryData).min(1), next: z.array(deliveryData) });
export type Data = z.infer<typeof dataSchema>;
