import { forwardTo } from './forward.js';

// The only door: spreads over the replicas of web.
forwardTo(process.env.WEB, 8_000);
