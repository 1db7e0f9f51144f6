import { forwardTo } from './forward.js';

forwardTo(process.env.API, 3_000);
