// Emits the events on standard input over NATS, each in structured and in binary
// mode after the CloudEvents NATS binding, and prints the answers.
import { readFileSync } from "node:fs";
import { CloudEvent, HTTP } from "cloudevents";
import { connect, credsAuthenticator, headers } from "@nats-io/transport-node";

const { HUISBOEK_NATS, HUISBOEK_CREDS } = process.env;

const connection = await connect({
  servers: HUISBOEK_NATS,
  authenticator: credsAuthenticator(readFileSync(HUISBOEK_CREDS)),
});

// The binding percent-encodes values: space, double quote, percent and whatever is
// not printable ASCII.
const encoded = (value) => String(value).replace(/[^!#$&-~]/gu, encodeURIComponent);

async function request(message) {
  const h = headers();
  for (const [name, value] of Object.entries(message.headers)) {
    h.set(name, name.startsWith("ce-") ? encoded(value) : value);
  }
  const answer = await connection.request("melden", message.body, { headers: h, timeout: 35_000 });
  return { type: answer.headers.get("content-type"), body: answer.json() };
}

const answers = [];
for (const data of JSON.parse(readFileSync(0))) {
  const event = new CloudEvent(data);
  answers.push({ structured: await request(HTTP.structured(event)), binary: await request(HTTP.binary(event)) });
}
console.log(JSON.stringify(answers));
await connection.close();
