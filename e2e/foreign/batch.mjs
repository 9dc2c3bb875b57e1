// Emits the events on standard input over HTTP as one batch, after the CloudEvents
// JSON format, and prints the answer.
import { readFileSync } from "node:fs";
import { CloudEvent } from "cloudevents";

const { HUISBOEK_URL, HUISBOEK_TOKEN } = process.env;

const events = JSON.parse(readFileSync(0)).map((data) => new CloudEvent(data));
const answer = await fetch(`${HUISBOEK_URL}/v1/gebeurtenissen`, {
  method: "POST",
  headers: { "content-type": "application/cloudevents-batch+json", authorization: `Bearer ${HUISBOEK_TOKEN}` },
  body: JSON.stringify(events),
  signal: AbortSignal.timeout(35_000),
});
console.log(JSON.stringify({ status: answer.status, type: answer.headers.get("content-type"), body: await answer.json() }));
