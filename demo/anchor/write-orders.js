/** Seals as many orders as it is told. */
import { seal } from './orders.js';

await seal(Array.from({ length: Number(process.argv[2] ?? 12) }, (_, id) => ({ id, item: 'a thing', price: id * 100 })));
