import { forwardTo } from './forward.js';

forwardTo(process.env.API, 1_000);
