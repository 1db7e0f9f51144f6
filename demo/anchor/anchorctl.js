/** For whoever runs the anchor: `audit|alerts|refused [APP]` prints how many; `revoke APP` and `grant APP` take an application's right and give it back. */
import { count, grant, revoke } from './book.js';

const [verb, app] = process.argv.slice(2);
if (['audit', 'alerts', 'refused'].includes(verb)) console.log(count(verb, app));
else if (verb === 'revoke' && app) revoke(app);
else if (verb === 'grant' && app) grant(app);
else {
  console.error('usage: anchorctl.js audit|alerts|refused [APP] | revoke APP | grant APP');
  process.exit(2);
}
