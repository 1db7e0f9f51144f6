/** Asks the anchor for a path as the application that this is; ends with 0 when it gives, and prints the status when it refuses. */
const answer = await fetch(`${process.env.ANCHOR_URL}${process.argv[2]}`, {
  method: 'POST',
  headers: { 'x-anchor-token': process.env.ANCHOR_TOKEN },
});
if (answer.ok) console.log(await answer.text());
else {
  console.error(`refused: ${answer.status}`);
  process.exit(1);
}
