// Emits the events on standard input over HTTP with the CloudEvents SDK, each in
// structured and in binary mode, and prints the answers.
import { readFileSync } from "node:fs";
import { CloudEvent, HTTP } from "cloudevents";

const { HUISBOEK_URL, HUISBOEK_TOKEN } = process.env;

async function post({ headers, body }) {
  const answer = await fetch(`${HUISBOEK_URL}/v1/gebeurtenissen`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${HUISBOEK_TOKEN}` },
    body,
    signal: AbortSignal.timeout(35_000),
  });
  return { status: answer.status, type: answer.headers.get("content-type"), body: await answer.json() };
}

const answers = [];
for (const data of JSON.parse(readFileSync(0))) {
  const event = new CloudEvent(data);
  answers.push({ structured: await post(HTTP.structured(event)), binary: await post(HTTP.binary(event)) });
}
console.log(JSON.stringify(answers));
